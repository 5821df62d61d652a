//! The reference page of the command line, written from the same definitions that read it.

use std::fmt::Write as _;

use clap::Arg;
use clap::Command;
use clap::CommandFactory as _;

use crate::args::Cli;
use crate::args::with_examples;
use crate::exit::Exit;

/// Returns the page.
fn page() -> String {
    let mut root = with_examples(Cli::command()).term_width(100);
    root.build();
    let mut out = String::from(
        "<!-- generated from src/bin/queueform/args; do not edit -->\n\n# Command line\n\n\
         Options are written `--name` or, as in Terraform, `-name`. Data goes to standard output, everything else \
         to standard error.\n\n## Global options\n\nEvery command has these.\n\n",
    );
    options(&mut out, root.get_arguments().filter(|arg| arg.is_global_set()));
    out.push_str("\n## Exit status\n\n| status | meaning |\n|---|---|\n");
    for exit in Exit::ALL {
        writeln!(out, "| {} | {} |", exit.code(), exit.meaning()).unwrap();
    }
    for command in root.get_subcommands().filter(|command| !command.is_hide_set()) {
        section(&mut out, command, "");
    }
    out
}

fn section(out: &mut String, command: &Command, above: &str) {
    let name = format!("{above}{}", command.get_name());
    if command.is_subcommand_required_set() {
        return inner(out, command, &name);
    }
    let mut shown = command.clone();
    let usage = shown.render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ");
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    writeln!(out, "\n## `queueform {name}`\n\n{about}.\n\n```text\n{usage}\n```").unwrap();
    let aliases: Vec<&str> = command.get_visible_aliases().collect();
    if !aliases.is_empty() {
        writeln!(out, "\nAlso: `queueform {above}{}`.", aliases.join("`, `")).unwrap();
    }
    let own: Vec<&Arg> = command
        .get_arguments()
        .filter(|arg| !arg.is_global_set() && arg.get_id() != "help" && !arg.is_hide_set())
        .collect();
    if !own.is_empty() {
        out.push('\n');
        options(out, own.into_iter());
    }
    if let Some(after) = command.get_after_long_help() {
        writeln!(out, "\n```text\n{}\n```", after.to_string().trim_end()).unwrap();
    }
    inner(out, command, &name);
}

fn inner(out: &mut String, command: &Command, name: &str) {
    for inner in command.get_subcommands() {
        section(out, inner, &format!("{name} "));
    }
}

fn options<'a>(out: &mut String, list: impl Iterator<Item = &'a Arg>) {
    out.push_str("| option | meaning |\n|---|---|\n");
    for arg in list {
        let value = arg.get_value_names().and_then(<[_]>::first).map(ToString::to_string);
        let name = match (arg.get_long(), value) {
            (Some(long), Some(value)) if arg.get_action().takes_values() && arg.is_require_equals_set() => {
                format!("`--{long}[={value}]`")
            }
            (Some(long), Some(value)) if arg.get_action().takes_values() => format!("`--{long}={value}`"),
            (Some(long), _) => format!("`--{long}`"),
            (None, value) => {
                format!("`{}`", value.unwrap_or_else(|| arg.get_id().to_string().to_uppercase()))
            }
        };
        let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
        writeln!(out, "| {name} | {} |", help.replace('|', "\\|").replace('\n', " ")).unwrap();
    }
}

#[test]
fn the_page_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/reference/cli.md");
    let page = page();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &page).unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(kept == page, "run the tests once with UPDATE=1 to rewrite docs/reference/cli.md");
}

#[test]
fn every_command_can_be_read() {
    Cli::command().debug_assert();
}
