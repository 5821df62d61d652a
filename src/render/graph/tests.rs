use super::*;

fn drawn(id: &str, kind: &'static str, module: &str, label: &str) -> Drawn {
    Drawn { id: id.to_owned(), kind, module: module.to_owned(), label: label.to_owned(), ..Drawn::default() }
}

fn drawing() -> Drawing {
    let mut first = drawn("queueform_data.a[\"k\\\"\"]", "resource", "", "queueform_data.a[\"k\\\"\"]");
    first.action = Some("create".to_owned());
    let nodes = vec![
        first,
        drawn("module.m.queueform_data.b", "resource", "module.m", "queueform_data.b"),
        drawn("local.c", "local", "", "local.c"),
        drawn("local.d", "local", "", "local.d"),
        drawn("provider.dms", "provider", "", "provider.dms"),
    ];
    let edges = vec![(0, 1), (2, 3), (3, 2), (1, 4)];
    Drawing { kind: "config", nodes, edges, cycles: vec![vec![2, 3]] }
}

#[test]
fn names_are_quoted_modules_are_boxes_and_cycles_are_red() {
    let mut text = String::new();
    dot(&mut text, &drawing()).unwrap();
    insta::assert_snapshot!("dot", text);
    let mut text = String::new();
    mermaid(&mut text, &drawing()).unwrap();
    insta::assert_snapshot!("mermaid", text);
    insta::assert_snapshot!("json", format!("{:#}", json(&drawing())));
}

#[test]
fn nothing_is_a_graph_too() {
    let mut text = String::new();
    dot(&mut text, &Drawing::default()).unwrap();
    assert!(text.starts_with("digraph G {") && text.ends_with("}\n"), "{text}");
}
