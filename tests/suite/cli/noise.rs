//! How much is printed: little, whatever the number of objects is.

use crate::support::Place;

const ESTATE: &str = r#"
locals {
  sizes = { for n in range(999) : format("queue-%03d", n) => 8 }
}

resource "queueform_data" "shared" {
  input = "SHARED"
}

resource "queueform_data" "queue" {
  for_each = local.sizes
  input    = { size = each.value, shared = queueform_data.shared.input }
}
"#;

fn applied() -> Place {
    let place = Place::with(&[("main.qf.hcl", &ESTATE.replace("SHARED", "a"))]);
    drop(place.run(&["apply", "-auto-approve", "-concise"]).success());
    place
}

#[test]
fn one_attribute_among_a_thousand_objects_takes_a_few_lines() {
    let place = applied();
    let output = place.run(&["plan"]).ended(0);
    assert!(output.stdout.lines().count() <= 3, "{output}");
    assert!(output.stderr.is_empty(), "{output}");
    // One object.
    let changed = ESTATE.replace("SHARED", "a").replace("=> 8 }", "=> n == 500 ? 16 : 8 }");
    place.write("main.qf.hcl", &changed);
    let output = place.run(&["plan"]).ended(0);
    assert!(output.stdout.lines().count() <= 25, "{output}");
    assert!(output.stdout.contains("size: 8 -> 16"), "{output}");
    assert!(output.stdout.contains("999 unchanged objects hidden"), "{output}");
    assert!(output.stdout.contains("main.qf.hcl:10"), "{output}");
    // One object, and all that follow it.
    place.write("main.qf.hcl", &ESTATE.replace("SHARED", "b"));
    let output = place.run(&["plan"]).ended(0);
    assert!(output.stdout.lines().count() <= 25, "{} lines\n{output}", output.stdout.lines().count());
    assert!(output.stdout.contains("because of") || output.stdout.contains("input follows"), "{output}");
    let output = place.run(&["apply", "-auto-approve", "-concise"]).ended(0);
    assert!(output.stdout.contains("1000 changed") || output.stdout.contains("1,000 changed"), "{output}");
    assert!(output.stderr.is_empty(), "{output}");
    let output = place.run(&["apply", "-auto-approve"]).ended(0);
    assert!(output.stdout.lines().count() <= 3, "{output}");
}
