//! Tests of `elements.rs`.

use super::*;

#[test]
fn every_type_that_an_element_names_is_in_the_table() {
    for (name, definition) in &TYPES.types {
        assert!(!definition.elements.is_empty(), "{name}");
        for element in &definition.elements {
            if let ElementType::Type(of) = element.data_type {
                assert!(TYPES.get(of).is_some(), "{of}, of {name}.{}", element.name);
            }
        }
    }
}

#[test]
fn an_element_is_found_by_name() {
    let observation = TYPES.resource("Observation").unwrap();
    assert!(observation.required.contains(&"status"));
    assert!(observation.element("category").is_some_and(|element| element.is_list));
    assert_eq!(observation.element("valueQuantity").and_then(|element| element.choice), Some("value"));
    assert!(observation.element("valueMoney").is_none());
    assert!(TYPES.resource("Period").is_none(), "a data type is not a resource");
}
