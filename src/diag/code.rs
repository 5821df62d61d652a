//! The closed list of diagnostic codes. Each has a stable name and one entry in the reference.

/// Declares the codes: variant, stable name, one-sentence meaning.
macro_rules! codes {
    ($($(#[$section:meta])* $variant:ident $name:literal $meaning:literal;)*) => {
        /// What kind of finding a diagnostic is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $($(#[$section])* #[doc = $meaning] $variant,)*
        }

        impl Code {
            /// Every code, in the order of the reference.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Returns the stable name, such as `unknown-attribute`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Returns the meaning in one sentence.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }
        }
    };
}

codes! {
    // Syntax: src/syntax.
    Syntax "syntax" "The text is not valid HCL.";
    UnclosedBlock "unclosed-block" "A block is opened and never closed.";
    UnclosedBracket "unclosed-bracket" "A bracket is opened and never closed, or closed by another kind.";
    UnterminatedString "unterminated-string" "A quoted string is not closed on its line.";
    UnterminatedTemplate "unterminated-template" "A template sequence, directive or heredoc is not closed.";
    InvalidCharacter "invalid-character" "A character has no meaning in HCL.";
    InvalidEscape "invalid-escape" "A backslash sequence is not one of the known escapes.";
    InvalidNumber "invalid-number" "A number literal is malformed or too large.";
    DuplicateArgument "duplicate-argument" "An argument is set twice in one block.";
    TooDeep "too-deep" "Expressions or blocks are nested deeper than the limit.";
    TooLarge "too-large" "A file or literal is larger than the limit.";
    // Evaluation: src/eval.
    UnsuitableOperand "unsuitable-operand" "An operator got a value of the wrong type.";
    UnsuitableValue "unsuitable-value" "A value has the wrong type for its place.";
    UnknownVariable "unknown-variable" "An expression refers to a name that does not exist.";
    UnknownFunction "unknown-function" "A function of that name does not exist.";
    FunctionArguments "function-arguments" "A function got too few or too many arguments.";
    InvalidFunctionArgument "invalid-function-argument" "A function argument is of the wrong type or value.";
    FunctionFailed "function-failed" "A function reported an error.";
    InvalidIndex "invalid-index" "An element does not exist, or the key has the wrong type.";
    UnsupportedAttribute "unsupported-attribute" "A value has no attribute of that name.";
    NullValue "null-value" "A null value stands where a value is needed.";
    InconsistentConditional "inconsistent-conditional" "The two results of a conditional have no common type.";
    InvalidTemplateValue "invalid-template-value" "A value cannot be part of a string.";
    InvalidForExpression "invalid-for-expression" "A `for` expression got a value it cannot use.";
    OperationFailed "operation-failed" "An operation on numbers has no result.";
    InvalidType "invalid-type" "A type constraint is malformed.";
    // Configuration: src/config.
    NoConfiguration "no-configuration" "The directory holds no Queueform files.";
    UnknownBlock "unknown-block" "A block type is not known here.";
    UnknownArgument "unknown-argument" "An argument is not known in this block.";
    MissingArgument "missing-argument" "A required argument is not set.";
    WrongLabels "wrong-labels" "A block has too few or too many labels.";
    InvalidName "invalid-name" "A name is not a valid identifier.";
    ReservedName "reserved-name" "A name is reserved.";
    DuplicateDeclaration "duplicate-declaration" "The same thing is declared twice.";
    InvalidOverride "invalid-override" "An override file changes what is not there or cannot be changed.";
    UnknownResourceType "unknown-resource-type" "No provider has a resource or data source of that type.";
    UnknownProvider "unknown-provider" "No provider of that name exists.";
    UnknownProviderConfiguration "unknown-provider-configuration" "A provider configuration with that alias is not declared.";
    UndeclaredReference "undeclared-reference" "An expression refers to something that is not declared.";
    InvalidReference "invalid-reference" "A reference is malformed or not allowed here.";
    SelfReference "self-reference" "An object refers to itself.";
    Cycle "cycle" "Declarations depend on each other in a circle.";
    UnknownAttribute "unknown-attribute" "A resource has no attribute of that name.";
    ComputedAttribute "computed-attribute" "An attribute is decided by the provider and cannot be set.";
    NestedBlock "nested-block" "Resources have no nested blocks; the argument is an attribute.";
    InvalidValue "invalid-value" "A value is outside what the attribute allows.";
    InvalidCount "invalid-count" "`count` is not a known whole number.";
    InvalidForEach "invalid-for-each" "`for_each` is not a known map or set of strings.";
    InvalidMetaArgument "invalid-meta-argument" "A meta-argument is malformed or not allowed here.";
    InvalidVariable "invalid-variable" "A variable declaration or its value is not valid.";
    MissingVariable "missing-variable" "A variable without default has no value.";
    UndeclaredVariable "undeclared-variable" "A value is given for a variable that is not declared.";
    VariableValidation "variable-validation" "A validation rule of a variable does not hold.";
    ConditionFailed "condition-failed" "A precondition or postcondition does not hold.";
    CheckFailed "check-failed" "An assertion of a check does not hold.";
    ConditionUnusable "condition-unusable" "A condition is not a usable boolean, or its message not a string.";
    LiteralSecret "literal-secret" "A secret is written down in the configuration.";
    SensitiveValue "sensitive-value" "A sensitive value would become visible.";
    InvalidMove "invalid-move" "A `moved` block cannot be followed as written.";
    InvalidImport "invalid-import" "An import cannot be carried out as written.";
    RequiredVersion "required-version" "The configuration asks for another version of Queueform.";
    TerraformHabit "terraform-habit" "Terraform syntax that Queueform writes differently.";
    ModuleNotInstalled "module-not-installed" "A module comes from elsewhere and has not been fetched.";
    NotSupportedYet "not-supported" "A part of the language that this version does not have.";
    NotMigrated "not-migrated" "A part of a Terraform configuration or state that cannot be converted.";
    // Modules: src/config, src/ops/modules.
    ModuleSource "module-source" "The source of a module is none that can be used.";
    ModuleInstallation "module-installation" "A module could not be fetched.";
    ModuleChanged "module-changed" "The files of an installed module are not those of the lock file.";
    ModuleLock "module-lock" "The lock file of modules cannot be read, or must not change.";
    // Schemas: src/schema.
    InvalidSchema "invalid-schema" "A provider schema file is not valid.";
    // Provider and API: src/provider, src/api.
    MissingCredentials "missing-credentials" "No credentials were found for a provider.";
    ConflictingCredentials "conflicting-credentials" "Two sets of credentials are present.";
    InvalidProviderConfiguration "invalid-provider-configuration" "A provider block cannot be used as written.";
    CredentialsRejected "credentials-rejected" "The service rejected the credentials.";
    PermissionDenied "permission-denied" "The service refuses the operation to these credentials.";
    Unreachable "unreachable" "The service could not be reached.";
    UnexpectedAnswer "unexpected-answer" "The service answered something that is not its API.";
    ApiError "api-error" "The service refused a request.";
    Throttled "throttled" "The service kept refusing requests as too many.";
    Busy "busy" "An object stayed busy for longer than the timeout.";
    NotFound "not-found" "An object does not exist.";
    AlreadyExists "already-exists" "An object of that name exists already and is not managed here.";
    WaitTimeout "wait-timeout" "An object did not reach the awaited condition in time.";
    OperationRejected "operation-rejected" "An asynchronous operation of the service failed.";
    WrongTarget "wrong-target" "The state belongs to another account, project or endpoint.";
    VanishedParent "vanished-parent" "A parent object, or most objects of a type, are missing.";
    InconsistentResult "inconsistent-result" "The service returned something else than what was planned.";
    // Planning: src/plan, src/graph.
    OutsideScope "outside-scope" "An object is not within what the configuration owns.";
    SameObject "same-object" "Two addresses stand for the same object.";
    NotAllowed "not-allowed" "An object lies where the provider configuration must not work.";
    PreventDestroy "prevent-destroy" "An object that must not be destroyed would be.";
    GuardDenied "guard-denied" "A change would lose data.";
    GuardUnobserved "guard-unobserved" "What a change would lose could not be observed.";
    NoRoom "no-room" "A plan needs more room than the service has.";
    DeletionLimit "deletion-limit" "More objects would be deleted than the limit allows.";
    CannotReplace "cannot-replace" "An object cannot be replaced as configured.";
    NotListed "not-listed" "The service does not list objects of a type, so none was looked for.";
    AlreadyManaged "already-managed" "An object to be imported is managed already.";
    LooksMoved "looks-moved" "An object that only has another address would be deleted and made again.";
    LooksRenamed "looks-renamed" "An object with another name would be made in place of one that is deleted.";
    Undo "undo" "A run is undone.";
    MoveBlocked "move-blocked" "An object could not move to its new address.";
    Forgets "forgets" "Objects will no longer be managed.";
    InvalidTarget "invalid-target" "A target address is malformed or matches nothing.";
    RoundsLeft "rounds-left" "Many rounds were made and something is still known only after the next.";
    TargetingInEffect "targeting" "Only a part of the configuration is planned.";
    InvalidAddress "invalid-address" "An address is malformed.";
    InvalidPlan "invalid-plan" "A plan contradicts itself.";
    // State and saved plans: src/state.
    StateCorrupt "state-corrupt" "The state file cannot be read.";
    StateTooNew "state-too-new" "The state file was written by a newer version.";
    StateWrite "state-write" "The state could not be written.";
    StateEngine "state-engine" "The engine that keeps the state refused something or could not be reached.";
    StateLocked "state-locked" "Another run holds the state.";
    BackendChanged "backend-changed" "The state is kept elsewhere than the configuration says.";
    BackendUnused "backend-unused" "Arguments are given for a backend that the configuration does not have.";
    StateMoved "state-moved" "The state changed underneath.";
    JournalCorrupt "journal-corrupt" "A record of the journal cannot be read.";
    InDoubt "in-doubt" "It is not known whether an earlier call took effect.";
    Pending "pending" "An earlier operation has not finished.";
    PlanFile "plan-file" "A saved plan cannot be used.";
    PlanStale "plan-stale" "A saved plan no longer applies.";
    KeyMissing "key-missing" "Something is encrypted, and no configured key opens it.";
    NotEncrypted "not-encrypted" "Something is not encrypted although it must be.";
    DecryptionFailed "decryption-failed" "Something was changed after it was encrypted, or is something else.";
    InvalidEncryption "invalid-encryption" "An `encryption` block cannot be used as written.";
    SecretUnavailable "secret-unavailable" "A sensitive value is not stored and cannot be shown.";
    // Tests: src/testing, src/ops/test.
    TestAssertion "test-assertion" "An assertion of a test does not hold.";
    MissingFailure "missing-failure" "Something that a test expects to fail did not.";
    TestLeftovers "test-leftovers" "Objects that a test made could not be destroyed.";
    // Command line: src/bin.
    Usage "usage" "The command line is not valid.";
    FileAccess "file-access" "A file cannot be read or written.";
    Interrupted "interrupted" "The run was interrupted.";
    // Ours.
    Internal "internal" "A defect in Queueform; please report it.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_lower_case() {
        let mut seen = std::collections::BTreeSet::new();
        for code in Code::ALL {
            assert!(seen.insert(code.name()), "{} twice", code.name());
            assert!(code.name().chars().all(|c| c.is_ascii_lowercase() || c == '-'));
        }
    }
}
