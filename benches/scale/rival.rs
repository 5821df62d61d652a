//! Terraform, where it is installed: the same configuration with its own built-in type.

use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;

/// Figures of Terraform 1.11.4, measured on a machine of the same class: CPU seconds and MB, one block for each object.
pub(crate) const QUOTED: &[(&str, usize, f64, Option<f64>)] = &[
    ("plan, create", 5_000, 13.1, Some(357.0)),
    ("apply", 1_000, 28.6, None),
    ("apply", 5_000, 992.0, None),
    ("plan, no changes", 5_000, 14.6, Some(630.0)),
];

/// Finds `terraform` on the path.
pub(crate) fn find() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|directory| directory.join("terraform")).find(|file| file.is_file())
}

/// Writes the configuration in Terraform's words and initializes the directory.
pub(crate) fn prepare(program: &Path, directory: &Path, configuration: &str) -> Result<(), String> {
    let text = configuration.replace("queueform_data", "terraform_data");
    std::fs::write(directory.join("main.tf"), text).map_err(|error| error.to_string())?;
    let output = Command::new(program)
        .args(["init", "-input=false", "-no-color"])
        .current_dir(directory)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| error.to_string())?;
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}
