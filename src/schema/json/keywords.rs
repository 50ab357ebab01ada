/// The words of `type`.
pub(super) const TYPES: [&str; 7] = ["array", "boolean", "integer", "null", "number", "object", "string"];

/// What the value of a keyword holds, so that walks tell schemas from data and from names of properties.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// A schema.
    Schema,
    /// An array of schemas.
    Schemas,
    /// A schema, or an array of schemas: `items` before 2020-12.
    SchemaOrSchemas,
    /// An object of schemas by name or pattern; entries of `dependencies` may be arrays of names instead.
    Map,
    /// An array of names or types without an order that means anything.
    Set,
    /// An object of such arrays: `dependentRequired`.
    SetMap,
    /// Anything else.
    Data,
}

/// What the value of `keyword` holds.
pub fn holds(keyword: &str) -> Holds {
    match keyword {
        "additionalItems"
        | "additionalProperties"
        | "contains"
        | "contentSchema"
        | "else"
        | "if"
        | "not"
        | "propertyNames"
        | "then"
        | "unevaluatedItems"
        | "unevaluatedProperties" => Holds::Schema,
        "allOf" | "anyOf" | "oneOf" | "prefixItems" => Holds::Schemas,
        "items" => Holds::SchemaOrSchemas,
        "$defs" | "definitions" | "dependencies" | "dependentSchemas" | "patternProperties" | "properties" => {
            Holds::Map
        }
        "required" | "type" => Holds::Set,
        "dependentRequired" => Holds::SetMap,
        _ => Holds::Data,
    }
}
