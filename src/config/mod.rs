//! What the user wants: files decoded into declarations, with every mistake found.
//!
//! Owns the model of a module, its decoding from syntax, the files and variables it is loaded from, and the
//! rules that hold without asking a provider. Knows no state and no API.

mod decode;
mod early;
mod files;
mod handover;
mod load;
mod model;
mod module_source;
mod rules;
mod schemas;
mod test_file;
mod tree;
mod variables;

pub use early::Early;
pub use early::EarlyInputs;
pub use early::EarlyPlace;
pub use load::LoadOptions;
pub use load::Loaded;
pub use load::load;
pub use load::load_for_test;
pub use load::load_texts;
pub use model::ActionTrigger;
pub use model::Backend;
pub use model::Condition;
pub use model::Config;
pub use model::IgnoreChanges;
pub use model::Import;
pub use model::ImportIdentity;
pub use model::Lifecycle;
pub use model::Limits;
pub use model::Local;
pub use model::Module;
pub use model::ModuleCall;
pub use model::Moved;
pub use model::MovedAddresses;
pub use model::Output;
pub use model::ProviderConfig;
pub use model::Removed;
pub use model::Repetition;
pub use model::RequiredProviders;
pub use model::Resource;
pub use model::ResourceId;
pub use model::Settings;
pub use model::Trigger;
pub use model::TriggerEvent;
pub use model::Variable;
pub use module_source::GitSource;
pub use module_source::MODULES;
pub use module_source::ModuleFinder;
pub use module_source::ModuleSource;
pub use schemas::read as read_schemas;
pub use test_file::Overlay;
pub use test_file::TestCommand;
pub use test_file::TestFile;
pub use test_file::TestPlanOptions;
pub use test_file::TestRun;
pub use test_file::find_tests;
pub use test_file::load_test;
pub use test_file::test_variable_files;
pub use variables::VariableInput;
pub use variables::VariableSource;
pub use variables::VariableValue;
pub use variables::VariableValues;
