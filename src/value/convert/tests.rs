use super::super::Number;
use super::super::ObjectAttr;
use super::super::Type;
use super::super::Value;
use super::convert;
use super::unify;

fn text(value: &str) -> Value {
    Value::string(value)
}

#[test]
fn primitives_convert_by_their_text() {
    assert!(convert(&Value::int(5), &Type::String).unwrap().same_as(&text("5")));
    assert!(convert(&text("1"), &Type::Bool).unwrap().same_as(&Value::bool(true)));
    assert!(
        convert(&text("1.5"), &Type::Number).unwrap().same_as(&Value::number(Number::parse("1.5").unwrap()))
    );
    assert_eq!(convert(&Value::int(1), &Type::Bool).unwrap_err().message, "bool required");
    assert_eq!(convert(&text("x"), &Type::Number).unwrap_err().message, "a number is required");
}

#[test]
fn tuples_become_lists_of_their_common_type() {
    let tuple = Value::tuple([Value::int(1), text("a"), Value::bool(true)]);
    let list = convert(&tuple, &Type::list(Type::Any)).unwrap();
    assert_eq!(list.ty(), Type::list(Type::String));
    assert_eq!(format!("{list:?}"), r#"list["1", "a", "true"]"#);
    let mixed = Value::tuple([Value::int(1), Value::bool(true)]);
    assert_eq!(
        convert(&mixed, &Type::list(Type::Any)).unwrap_err().message,
        "all list elements must have the same type"
    );
}

#[test]
fn unlike_objects_become_maps() {
    let tuple = Value::tuple([Value::object([("a", Value::int(1))]), Value::object([("b", Value::int(2))])]);
    let list = convert(&tuple, &Type::list(Type::Any)).unwrap();
    assert_eq!(list.ty(), Type::list(Type::map(Type::Number)));
    assert_eq!(unify(&[Type::Bool, Type::Number]), None);
    assert_eq!(unify(&[Type::Bool, Type::String]), Some(Type::String));
}

#[test]
fn messages_name_the_part() {
    let wanted = Type::list(Type::object([("a", Type::Number)]));
    let value = Value::tuple([Value::object([("a", text("x"))])]);
    assert_eq!(
        convert(&value, &wanted).unwrap_err().message,
        r#"element 0: attribute "a": a number is required"#
    );
    let value = Value::tuple([Value::object([("b", text("x"))])]);
    assert_eq!(convert(&value, &wanted).unwrap_err().message, r#"element 0: attribute "a" is required"#);
}

#[test]
fn defaults_apply_to_absent_and_null() {
    let attr = |ty: Type, default: Option<Value>| ObjectAttr { ty, optional: true, default };
    let ty = Type::Object(
        [("a".into(), attr(Type::Number, Some(Value::int(3)))), ("b".into(), attr(Type::String, None))]
            .into_iter()
            .collect::<std::collections::BTreeMap<_, _>>()
            .into(),
    );
    let empty = convert(&Value::object(Vec::<(&str, Value)>::new()), &ty).unwrap();
    assert_eq!(format!("{empty:?}"), r#"{"a": 3, "b": null}"#);
    let null = convert(&Value::object([("a", Value::null()), ("b", Value::int(1))]), &ty).unwrap();
    assert_eq!(format!("{null:?}"), r#"{"a": 3, "b": "1"}"#);
}

#[test]
fn unknowns_keep_what_is_known() {
    let tuple = Value::unknown(Type::tuple([Type::String, Type::Number]));
    let list = convert(&tuple, &Type::list(Type::Any)).unwrap();
    assert_eq!(list.ty(), Type::list(Type::String));
    let super::super::Data::Unknown(unknown) = list.data() else { panic!() };
    assert_eq!(unknown.refinement.min_length, Some(2));
    assert_eq!(unknown.refinement.max_length, Some(2));
}
