//! `--var` and `--var-file`, in the order they were given.

use std::path::PathBuf;

use clap::Arg;
use clap::ArgAction;
use clap::ArgMatches;
use clap::Args;
use clap::Command;
use clap::FromArgMatches;
use clap::value_parser;
use queueform::config::VariableInput;

/// `--var` and `--var-file`; later ones win, so their common order counts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Variables {
    /// In the order given.
    pub(crate) inputs: Vec<VariableInput>,
}

impl Args for Variables {
    fn augment_args(command: Command) -> Command {
        command
            .arg(
                Arg::new("var")
                    .long("var")
                    .value_name("NAME=VALUE")
                    .action(ArgAction::Append)
                    .value_parser(assignment)
                    .help("Set an input variable; may be repeated"),
            )
            .arg(
                Arg::new("var_file")
                    .long("var-file")
                    .value_name("FILE")
                    .action(ArgAction::Append)
                    .value_parser(value_parser!(PathBuf))
                    .help("Read values of input variables from a file; may be repeated"),
            )
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Variables {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let texts = matches.get_many::<(String, String)>("var").into_iter().flatten();
        let files = matches.get_many::<PathBuf>("var_file").into_iter().flatten();
        let at = |id: &str| matches.indices_of(id).into_iter().flatten().collect::<Vec<_>>();
        let texts = texts.map(|(name, text)| VariableInput::Text { name: name.clone(), text: text.clone() });
        let files = files.map(|path| VariableInput::File(path.clone()));
        let mut all: Vec<(usize, VariableInput)> =
            at("var").into_iter().zip(texts).chain(at("var_file").into_iter().zip(files)).collect();
        all.sort_by_key(|(index, _)| *index);
        Ok(Self { inputs: all.into_iter().map(|(_, input)| input).collect() })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.to_owned())),
        _ => Err("write `NAME=VALUE`, as in `--var region=ru-moscow-1`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_common_order_is_kept() {
        let command = Variables::augment_args(Command::new("x"));
        let given = ["x", "--var", "a=1", "--var-file=f", "--var=b=x=y", "--var", "a="];
        let matches = command.try_get_matches_from(given).unwrap();
        let found: Vec<String> = Variables::from_arg_matches(&matches)
            .unwrap()
            .inputs
            .into_iter()
            .map(|input| match input {
                VariableInput::Text { name, text } => format!("{name}:{text}"),
                VariableInput::File(path) => path.display().to_string(),
                VariableInput::Value { .. } => panic!("no option gives a value"),
            })
            .collect();
        assert_eq!(found, ["a:1", "f", "b:x=y", "a:"]);
        let wrong = Variables::augment_args(Command::new("x")).try_get_matches_from(["x", "--var", "a"]);
        assert!(wrong.is_err());
    }
}
