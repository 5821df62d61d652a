//! Every call of a schema, with where it stands.

use super::Call;
use super::ResourceSchema;
use super::Step;

impl ResourceSchema {
    /// Returns every call with its place: `create: queues`, `guard unread messages: lag`, `list`.
    #[must_use]
    pub fn calls(&self) -> Vec<(String, &Call)> {
        let mut found: Vec<(String, &Call)> = Vec::new();
        found.extend(self.list.iter().map(|list| ("list".to_owned(), &list.call)));
        for (name, operation) in [
            ("read", &self.read),
            ("create", &self.create),
            ("update", &self.update),
            ("delete", &self.delete),
        ] {
            found.extend(operation.iter().flat_map(|operation| of_steps(name, &operation.steps)));
        }
        found.extend(self.invocation.iter().flat_map(|invocation| of_steps("run", &invocation.run.steps)));
        found.extend(self.find.iter().map(|find| ("find".to_owned(), &find.call)));
        for lookup in &self.lookups {
            found.push((format!("lookup {}", lookup.name), &lookup.call));
        }
        for waiter in &self.waiters {
            found.extend(of_steps(&format!("waiter {}", waiter.name), &waiter.steps));
        }
        for guard in &self.guards {
            found.extend(of_steps(&format!("guard {}", guard.name), &guard.steps));
        }
        found
    }
}

fn of_steps<'s>(place: &str, steps: &'s [Step]) -> Vec<(String, &'s Call)> {
    let mut found = Vec::new();
    for step in steps {
        let calls = step.call.iter().chain(step.otherwise.iter().map(|other| &other.call));
        found.extend(calls.map(|call| (format!("{place}: {}", step.name), call)));
    }
    found
}
