//! Tells the tests which program they judge: that of the variable `QUEUEFORM`, or the one that was built beside them.

fn main() {
    println!("cargo:rerun-if-env-changed=QUEUEFORM");
    let built = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/debug/queueform");
    let program = std::env::var("QUEUEFORM").unwrap_or_else(|_| built.to_owned());
    println!("cargo:rustc-env=CARGO_BIN_EXE_queueform={program}");
}
