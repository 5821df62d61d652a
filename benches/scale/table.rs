//! The results, as a table in Markdown.

use crate::measure::Usage;

/// A table that grows line by line, so that long measurements can be watched.
#[derive(Debug)]
pub(crate) struct Table {
    rows: usize,
}

impl Table {
    pub(crate) fn begin() -> Self {
        println!("| what | objects | tool | CPU s | wall s | peak MB | calls |");
        println!("|---|--:|---|--:|--:|--:|--:|");
        Self { rows: 0 }
    }

    pub(crate) fn row(&mut self, what: &str, objects: usize, tool: &str, usage: Usage, calls: Option<usize>) {
        let calls = calls.map_or_else(|| "–".to_owned(), |calls| calls.to_string());
        println!(
            "| {what} | {objects} | {tool} | {:.3} | {:.3} | {:.0} | {calls} |",
            usage.cpu, usage.wall, usage.megabytes
        );
        self.rows += 1;
    }

    /// A figure from elsewhere.
    pub(crate) fn quoted(
        &mut self,
        what: &str,
        objects: usize,
        tool: &str,
        cpu: f64,
        megabytes: Option<f64>,
    ) {
        let megabytes = megabytes.map_or_else(|| "–".to_owned(), |megabytes| format!("{megabytes:.0}"));
        println!("| {what} | {objects} | {tool} | {cpu:.1} | – | {megabytes} | – |");
        self.rows += 1;
    }

    pub(crate) fn end(&self) {
        eprintln!("{} rows", self.rows);
    }
}
