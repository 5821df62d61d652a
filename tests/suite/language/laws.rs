//! Laws of values and expressions, on random ones.

#![expect(clippy::indexing_slicing, reason = "the length is limited right there")]

use proptest::prelude::*;

use queueform::diag::Code;
use queueform::diag::Diagnostic;
use queueform::diag::Diagnostics;
use queueform::eval::Referent;
use queueform::eval::Scope;
use queueform::eval::evaluate;
use queueform::eval::functions;
use queueform::source::SourceId;
use queueform::source::Span;
use queueform::syntax::fmt::format_valid;
use queueform::syntax::parse::parse_expression;
use queueform::syntax::parse::parse_file;
use queueform::value::Marks;
use queueform::value::Number;
use queueform::value::Refinement;
use queueform::value::Type;
use queueform::value::Value;
use queueform::value::convert;
use queueform::value::from_json;
use queueform::value::to_json_as;
use queueform::value::type_from_json;
use queueform::value::type_to_json;
use queueform::value::unify;

fn number_text() -> impl Strategy<Value = String> {
    "-?[0-9]{1,25}(\\.[0-9]{1,12})?(e-?[0-9]{1,2})?"
}

fn primitive() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<bool>().prop_map(Value::bool),
        any::<i64>().prop_map(Value::int),
        number_text().prop_map(|text| Value::number(Number::parse(&text).unwrap())),
        "[a-c0-9é.]{0,4}".prop_map(|text| Value::string(queueform::eval::normalise(text))),
        Just(Value::null_of(Type::String)),
        Just(Value::null()),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    primitive().prop_recursive(3, 24, 4, |inner| {
        let list = prop::collection::vec(inner.clone(), 0..4);
        let fields = prop::collection::btree_map("[a-c]", inner, 0..4);
        let collected = |to: fn(Type) -> Type| {
            move |parts: Vec<Value>| {
                let tuple = Value::tuple(parts);
                convert(&tuple, &to(Type::Any)).unwrap_or(tuple)
            }
        };
        prop_oneof![
            list.clone().prop_map(Value::tuple),
            list.clone().prop_map(collected(Type::list)),
            list.prop_map(collected(Type::set)),
            fields.clone().prop_map(Value::object),
            fields.prop_map(|fields| {
                let object = Value::object(fields);
                convert(&object, &Type::map(Type::Any)).unwrap_or(object)
            }),
        ]
    })
}

fn constraint() -> impl Strategy<Value = Type> {
    let leaf = prop_oneof![Just(Type::Any), Just(Type::Bool), Just(Type::Number), Just(Type::String)];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(Type::list),
            inner.clone().prop_map(Type::set),
            inner.clone().prop_map(Type::map),
            prop::collection::vec(inner.clone(), 0..3).prop_map(Type::tuple),
            prop::collection::btree_map("[a-c]", inner, 0..3).prop_map(Type::object),
        ]
    })
}

struct X(Value);

impl Scope for X {
    fn root(&self, name: &str, span: Span) -> Result<Referent<'_>, Diagnostics> {
        if name == "x" {
            return Ok(Referent::Value(self.0.clone()));
        }
        Err(Diagnostic::error(Code::UndeclaredReference, "no such name").at(span, "").into())
    }
}

fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        4 => Just("x".to_owned()),
        1 => Just("0".to_owned()),
        1 => Just("2".to_owned()),
        1 => Just("-1.5".to_owned()),
        1 => Just("\"a\"".to_owned()),
        1 => Just("\"3\"".to_owned()),
        1 => Just("true".to_owned()),
        1 => Just("null".to_owned()),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        let pair = (inner.clone(), inner.clone());
        let operator =
            prop::sample::select(vec!["+", "-", "*", "==", "!=", "<", ">", "<=", ">=", "&&", "||", "%"]);
        prop_oneof![
            (pair.clone(), operator).prop_map(|((a, b), op)| format!("({a} {op} {b})")),
            (inner.clone(), pair.clone()).prop_map(|(c, (a, b))| format!("({c} ? {a} : {b})")),
            pair.clone().prop_map(|(a, b)| format!("[{a}, {b}]")),
            inner.clone().prop_map(|a| format!("{{ k = {a} }}")),
            inner.clone().prop_map(|a| format!("({a}).k")),
            pair.clone().prop_map(|(a, b)| format!("({a})[{b}]")),
            inner.clone().prop_map(|a| format!("({a})[*]")),
            inner.clone().prop_map(|a| format!("\"p-${{{a}}}q\"")),
            pair.prop_map(|(a, b)| format!("[for v in [{a}, {b}] : v if v == {a}]")),
            inner.clone().prop_map(|a| format!("!({a})")),
            inner.prop_map(|a| format!("tolist([{a}])")),
        ]
    })
}

/// Arguments of all kinds, so that every function finds some that it takes.
const ARGUMENTS: &[&str] = &[
    "x",
    "x",
    "x",
    "x",
    "[x, \"a\"]",
    "[\"b\", x]",
    "tolist([x])",
    "toset([x, \"a\"])",
    "{ k = x, a = 1 }",
    "tomap({ k = x })",
    "[{ a = x }]",
    "[[x], [\"a\"]]",
    "\"p${x}\"",
    "null",
    "true",
    "0",
    "1",
    "2",
    "-1",
    "1.5",
    "10",
    "\"\"",
    "\"a\"",
    "\"a,b\"",
    "\" A-b \"",
    "\"10.1.0.0/16\"",
    "\"2024-02-29T10:00:00Z\"",
    "\"90m\"",
    "\"YYYY-MM\"",
    "\"%s-%v\"",
    "\"%d\"",
    "\"[a-z]+\"",
    "\"/b(.)/\"",
    "\"{\\\"a\\\": [1, null]}\"",
    "\"a: [1, x]\"",
    "\"a,b\\n1,2\"",
    "\"YWI=\"",
    "\"UTF-8\"",
    "[]",
    "{}",
    "[3, 1, 2]",
    "[\"b\", \"a\", \"b\"]",
    "toset([\"a\"])",
    "{ a = 1, b = \"c\" }",
    "[{ a = 1 }, { a = 2 }]",
    "sensitive(\"s\")",
];

/// Functions whose results differ from call to call, or that read files, or take arguments that decide nothing.
const LEFT_OUT: [&str; 4] = ["bcrypt", "rsadecrypt", "timestamp", "uuid"];

/// A call of any function, often with arguments that it takes.
fn call() -> impl Strategy<Value = String> {
    let functions: Vec<(&'static str, usize, bool)> = functions::all()
        .filter(|function| !LEFT_OUT.contains(&function.name))
        .map(|function| (function.name, function.params.len(), function.variadic.is_some()))
        .collect();
    let arguments = prop::collection::vec(prop::sample::select(ARGUMENTS.to_vec()), 4);
    (prop::sample::select(functions), arguments, 0_usize..3).prop_map(
        |((name, fixed, more), arguments, extra)| {
            let count = if more { fixed + extra } else { fixed };
            format!("{name}({})", arguments[..count.min(arguments.len())].join(", "))
        },
    )
}

/// Values that an unknown of a type may turn out to be.
fn substitutes(ty: &Type) -> Vec<Value> {
    let mut values = match ty {
        Type::Number => vec![Value::int(0), Value::int(2), Value::number(Number::parse("-1.5").unwrap())],
        Type::Bool => vec![Value::bool(true), Value::bool(false)],
        _ => vec![Value::string("a"), Value::string(""), Value::string("3")],
    };
    values.push(Value::null_of(ty.clone()));
    values
}

fn allowed_by(value: &Value, refinement: &Refinement) -> bool {
    if value.is_null() {
        return !refinement.not_null;
    }
    let prefix = match (value.as_str(), &refinement.prefix) {
        (Some(text), Some(prefix)) => text.starts_with(&**prefix),
        _ => true,
    };
    let range = value.as_number().is_none_or(|number| {
        refinement.min.as_ref().is_none_or(|(min, _)| number >= min)
            && refinement.max.as_ref().is_none_or(|(max, _)| number <= max)
    });
    let length = value.elements().is_none_or(|parts| {
        let length = parts.len() as u64;
        refinement.min_length.is_none_or(|min| length >= min)
            && refinement.max_length.is_none_or(|max| length <= max)
    });
    prefix && range && length
}

/// Whether a value may come out where another, partly unknown one was announced.
fn refines(actual: &Value, announced: &Value) -> bool {
    if let Some(refinement) = announced.refinement() {
        return actual.ty().conforms_to(&announced.ty()) && allowed_by(actual, refinement)
            || announced.ty() == Type::Any
            || actual.is_null() && !refinement.not_null;
    }
    if announced.is_wholly_known() {
        return actual.same_as(announced);
    }
    match (actual.elements(), announced.elements(), actual.fields(), announced.fields()) {
        (Some(a), Some(b), _, _) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| refines(a, b)),
        (_, _, Some(a), Some(b)) => {
            a.keys().eq(b.keys()) && a.values().zip(b.values()).all(|(a, b)| refines(a, b))
        }
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn converting_twice_changes_nothing(value in value(), ty in constraint()) {
        if let Ok(once) = convert(&value, &ty) {
            let twice = convert(&once, &ty).unwrap();
            prop_assert!(twice.same_as(&once), "{value:?} to {ty}: {once:?}, then {twice:?}");
            prop_assert!(once.ty().conforms_to(&ty) || once.is_null(), "{value:?} to {ty}: {}", once.ty());
        }
    }

    #[test]
    fn parts_convert_to_their_common_type(types in prop::collection::vec(constraint(), 1..4)) {
        if let Some(common) = unify(&types) {
            for ty in &types {
                prop_assert!(queueform::value::convertible(ty, &common), "{ty} to {common}");
            }
        }
    }

    #[test]
    fn json_gives_the_value_back(value in value()) {
        let ty = value.ty();
        let json = to_json_as(&value, &ty).unwrap();
        let text = serde_json::to_string(&json).unwrap();
        let back = from_json(&serde_json::from_str(&text).unwrap(), &ty).unwrap();
        prop_assert!(back.same_as(&value), "{value:?} became {back:?} through {text}");
        prop_assert_eq!(type_from_json(&type_to_json(&ty)).unwrap(), ty);
    }

    #[test]
    fn numbers_survive_their_text(text in number_text()) {
        let number = Number::parse(&text).unwrap();
        let again = Number::parse(&number.to_string()).unwrap();
        prop_assert!(again.equals(&number), "{text}");
        prop_assert_eq!(again.to_string(), number.to_string());
    }

    #[test]
    fn sums_do_not_depend_on_the_order_of_two(a in number_text(), b in number_text()) {
        let (a, b) = (Number::parse(&a).unwrap(), Number::parse(&b).unwrap());
        prop_assert_eq!(a.add(&b).unwrap().to_string(), b.add(&a).unwrap().to_string());
        prop_assert_eq!(a.multiply(&b).unwrap().to_string(), b.multiply(&a).unwrap().to_string());
        prop_assert!(a.subtract(&a).unwrap().is_zero());
    }

    #[test]
    fn sets_do_not_depend_on_the_order_of_their_elements(parts in prop::collection::vec(value(), 0..5), turn in 0usize..5) {
        let ty = Type::set(Type::Any);
        let mut turned = parts.clone();
        let middle = turn.min(turned.len());
        turned.rotate_left(middle);
        turned.reverse();
        let (a, b) = (convert(&Value::tuple(parts), &ty), convert(&Value::tuple(turned), &ty));
        if let (Ok(a), Ok(b)) = (&a, &b) {
            prop_assert!(a.same_as(b), "{a:?} and {b:?}");
        }
        prop_assert_eq!(a.is_ok(), b.is_ok());
    }

    /// What is said before apply holds after it: a known result stays, an unknown one keeps its type and bounds,
    /// and what fails with the unknown fails with every value. (`try` is left out: it takes another argument if a
    /// part that could not be checked before fails in the end.)
    #[test]
    fn unknowns_only_become_more_known(text in expression(), ty in prop::sample::select(vec![Type::Number, Type::Bool, Type::String])) {
        let checked = parse_expression(SourceId(0), 0, &text);
        let expr = checked.output.unwrap();
        let announced = evaluate(&expr, &X(Value::unknown(ty.clone())));
        for substitute in substitutes(&ty) {
            let actual = evaluate(&expr, &X(substitute.clone()));
            match (&announced, &actual) {
                (Ok(announced), Ok(actual)) => {
                    prop_assert!(refines(actual, announced), "{text} with {substitute:?}: announced {announced:?}, is {actual:?}");
                }
                (Err(found), Ok(actual)) => {
                    prop_assert!(false, "{text} with {substitute:?} is {actual:?}, but before: {found:?}");
                }
                (_, Err(_)) => {}
            }
        }
    }

    /// The same of every function: what it announces holds whatever its arguments turn out to be.
    #[test]
    fn functions_only_become_more_known(text in call(), ty in prop::sample::select(vec![Type::Number, Type::Bool, Type::String])) {
        let expr = parse_expression(SourceId(0), 0, &text).output.unwrap();
        let announced = evaluate(&expr, &X(Value::unknown(ty.clone())));
        for substitute in substitutes(&ty) {
            let actual = evaluate(&expr, &X(substitute.clone()));
            match (&announced, &actual) {
                (Ok(announced), Ok(actual)) => {
                    prop_assert!(refines(actual, announced), "{text} with {substitute:?}: announced {announced:?}, is {actual:?}");
                }
                (Err(found), Ok(actual)) => {
                    prop_assert!(false, "{text} with {substitute:?} is {actual:?}, but before: {found:?}");
                }
                (_, Err(_)) => {}
            }
        }
    }

    /// And what a secret decides in a function is secret.
    #[test]
    fn functions_lose_no_marks(text in call(), ty in prop::sample::select(vec![Type::Number, Type::Bool, Type::String])) {
        // These two say what they do.
        prop_assume!(!text.starts_with("nonsensitive(") && !text.starts_with("issensitive("));
        let expr = parse_expression(SourceId(0), 0, &text).output.unwrap();
        for marks in [Marks::SENSITIVE, Marks::EPHEMERAL] {
            if text.starts_with("ephemeralasnull(") && marks == Marks::EPHEMERAL {
                continue;
            }
            let results: Vec<Value> = substitutes(&ty)
                .into_iter()
                .filter_map(|value| evaluate(&expr, &X(value.mark(marks))).ok())
                .collect();
            for pair in results.windows(2) {
                let (first, second) = (pair[0].clone().unmark_deep(), pair[1].clone().unmark_deep());
                let told = |found: Marks| (found | marks) == found;
                prop_assert!(
                    first.0.same_as(&second.0) || (told(first.1) && told(second.1)),
                    "{text}: {:?} and {:?}", pair[0], pair[1]
                );
            }
        }
    }

    /// What a secret decides is secret: if a result changes with a sensitive value, it is sensitive, whole or in parts.
    #[test]
    fn marks_are_never_lost(text in expression(), ty in prop::sample::select(vec![Type::Number, Type::Bool, Type::String])) {
        let checked = parse_expression(SourceId(0), 0, &text);
        let expr = checked.output.unwrap();
        for marks in [Marks::SENSITIVE, Marks::EPHEMERAL] {
            let results: Vec<Value> = substitutes(&ty)
                .into_iter()
                .filter_map(|value| evaluate(&expr, &X(value.mark(marks))).ok())
                .collect();
            for pair in results.windows(2) {
                let (first, second) = (pair[0].clone().unmark_deep(), pair[1].clone().unmark_deep());
                let told = |found: Marks| found == marks;
                prop_assert!(
                    first.0.same_as(&second.0) || (told(first.1) && told(second.1)),
                    "{text}: {:?} and {:?}", pair[0], pair[1]
                );
            }
        }
    }

    /// An unknown result of a secret is secret too.
    #[test]
    fn marks_of_unknowns_are_kept(text in expression(), ty in prop::sample::select(vec![Type::Number, Type::Bool, Type::String])) {
        let expr = parse_expression(SourceId(0), 0, &text).output.unwrap();
        if let Ok(announced) = evaluate(&expr, &X(Value::unknown(ty).mark(Marks::SENSITIVE))) {
            prop_assert!(announced.is_wholly_known() || announced.marks_deep().is_sensitive(), "{text}: {announced:?}");
        }
    }

    /// A formatted configuration means what it meant before.
    #[test]
    fn formatting_keeps_the_meaning(texts in prop::collection::vec(expression(), 1..4), spaces in 1usize..4) {
        let space = " ".repeat(spaces);
        let file: String = texts
            .iter()
            .enumerate()
            .map(|(index, text)| format!("{space}value{index}{space}={}\n", text.replace(", ", &format!(",{space}"))))
            .collect();
        let formatted = format_valid(&file);
        let meaning = |text: &str| -> Vec<String> {
            let checked = parse_file(SourceId(0), text);
            assert!(!checked.diagnostics.has_errors(), "{text}: {:?}", checked.diagnostics);
            let body = checked.output.unwrap();
            let of = |value: Value| {
                body.attributes
                    .iter()
                    .map(|attribute| match evaluate(&attribute.expr, &X(value.clone())) {
                        Ok(value) => format!("{} = {value:?}", attribute.name.value),
                        Err(found) => format!("{} fails: {}", attribute.name.value, found.iter().next().unwrap().code.name()),
                    })
                    .collect::<Vec<_>>()
                    .join("; ")
            };
            [Value::int(2), Value::string("a"), Value::unknown(Type::String)].map(of).into()
        };
        prop_assert_eq!(meaning(&file), meaning(&formatted), "{}", formatted);
        prop_assert_eq!(&format_valid(&formatted), &formatted);
    }
}
