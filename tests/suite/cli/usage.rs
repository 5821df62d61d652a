//! Mistakes on the command line, and the habits of Terraform users.

use insta::assert_snapshot;

use crate::support::Place;

#[test]
fn no_command_lists_the_commands() {
    let output = Place::new().run(&[]).ended(1);
    assert!(output.stderr.contains("Commands:") && output.stdout.is_empty(), "{output}");
}

#[test]
fn help_goes_to_standard_output() {
    let output = Place::new().run(&["-help"]).ended(0);
    assert!(output.stdout.contains("Commands:") && output.stderr.is_empty(), "{output}");
}

#[test]
fn a_misspelt_command() {
    assert_snapshot!(Place::new().run(&["shcema"]), @"
    ------- stderr -------
    error[usage]: there is no command `shcema`
     |
     = hint: did you mean `schema`?

    [exit status: 1]
    ");
}

#[test]
fn commands_of_terraform_get_an_answer() {
    assert_snapshot!(Place::new().run(&["login"]), @"
    ------- stderr -------
    error[usage]: there is no command `login`
     |
     = hint: there is nothing to log in to; credentials come from the vendors' own environment variables

    [exit status: 1]
    ");
}

#[test]
fn a_misspelt_option() {
    assert_snapshot!(Place::new().run(&["fmt", "-chekc"]), @"
    ------- stderr -------
    error[usage]: `fmt` has no option `--chekc`
     |
     = hint: did you mean `--check`?

    [exit status: 1]
    ");
}

#[test]
fn options_of_terraform_get_an_answer() {
    assert_snapshot!(Place::new().run(&["fmt", "-backup=x"]), @"
    ------- stderr -------
    error[usage]: `fmt` has no option `--backup`
     |
     = hint: every state is kept in the history beside the journal

    [exit status: 1]
    ");
}

#[test]
fn an_option_of_another_command() {
    assert_snapshot!(Place::new().run(&["fmt", "--port-file=x"]), @"
    ------- stderr -------
    error[usage]: `fmt` has no option `--port-file`
     |
     = hint: it is an option of `emulator`

    [exit status: 1]
    ");
}

#[test]
fn a_missing_argument() {
    assert_snapshot!(Place::new().run(&["schema", "check"]), @"
    ------- stderr -------
    error[usage]: `schema check` needs `<DIR>`
     |
     = hint: `queueform schema check --help` lists what it takes

    [exit status: 1]
    ");
}

#[test]
fn a_malformed_value() {
    assert_snapshot!(Place::new().run(&["fmt", "-lock-timeout=soon"]), @"
    ------- stderr -------
    error[usage]: invalid value `soon` for `--lock-timeout <DURATION>`: `soon` is not a duration; write for example `30s`, `5m` or `1h30m`
     |
     = hint: `queueform fmt --help` lists what it takes

    [exit status: 1]
    ");
}

#[test]
fn a_directory_that_does_not_exist() {
    assert_snapshot!(Place::new().run(&["-chdir=nowhere", "version"]), @"
    ------- stderr -------
    error[file-access]: cannot work in `nowhere`
     |
     = note: No such file or directory (os error 2)

    [exit status: 1]
    ");
}

#[test]
fn quotes_in_the_environment_that_do_not_match() {
    assert_snapshot!(Place::new().command(&["version"]).env("QF_CLI_ARGS", "'a").output(), @"
    ------- stderr -------
    error[usage]: the quotes in QF_CLI_ARGS do not match
     |
     = hint: quote it as you would in a shell

    [exit status: 1]
    ");
}

#[test]
fn arguments_from_the_environment() {
    let run = Place::new().command(&["version"]).env("QF_CLI_ARGS_version", "-json").output();
    assert!(run.ended(0).json().is_object());
}
