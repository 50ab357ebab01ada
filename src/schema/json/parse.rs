use super::draft::Draft;
use super::keywords::TYPES;
use super::references::{self, Follow};
use super::shapes;
use crate::schema::ResolvedReference;
use crate::schema::error::{SchemaError, quoted};
use crate::schema::text::{self, Json, Value};
use crate::source::closest;

/// A JSON Schema that fits its meta-schema and whose references lead somewhere.
#[derive(Debug, Clone, PartialEq)]
pub struct JsonSchema {
    /// The schema.
    pub root: Json<'static>,
    /// Its draft.
    pub draft: Draft,
    /// The schemas of other subjects, by the name under which this one refers to them.
    pub references: Vec<(String, Json<'static>)>,
}

impl JsonSchema {
    /// Its `title`, which serializers take for its name.
    pub fn title(&self) -> Option<&str> {
        self.root.get("title")?.as_str().filter(|title| !title.is_empty())
    }
}

/// Parses a JSON Schema.
pub fn parse(text: &str, references: &[ResolvedReference<'_>]) -> Result<JsonSchema, SchemaError> {
    parse_by(text, references, Follow::Everywhere, check)
}

/// Parses a JSON Schema that is in a registry or might be. Registries take some that do not fit their meta-schema, such
/// as one whose `examples` are no array, or `true` for a schema in draft 4.
pub fn parse_registered(text: &str, references: &[ResolvedReference<'_>]) -> Result<JsonSchema, SchemaError> {
    parse_by(text, references, Follow::Inside, |root| {
        // They read one with a `$schema` that they do not know as one without.
        let draft = Draft::of(root).unwrap_or(Draft::Draft7);
        check_as(draft, root).or_else(|misfit| {
            let is_taken = draft <= Draft::Draft7 && shapes::is_taken(root, draft);
            if is_taken { Ok(draft) } else { Err(misfit) }
        })
    })
}

fn parse_by(
    text: &str,
    references: &[ResolvedReference<'_>],
    follow: Follow,
    check: impl Fn(&Json<'_>) -> Result<Draft, SchemaError>,
) -> Result<JsonSchema, SchemaError> {
    let root = text::read(text)?;
    let draft = check(&root)?;
    let mut resolved = Vec::with_capacity(references.len());
    for reference in references {
        let other = text::read(reference.text).and_then(|json| check(&json).map(|_| json));
        let other = other.map_err(|error| error.in_reference(reference.name))?;
        resolved.push((reference.name.to_owned(), other.into_owned()));
    }
    let schema = JsonSchema { root: root.into_owned(), draft, references: resolved };
    references::check(&schema, follow)?;
    Ok(schema)
}

fn check(root: &Json<'_>) -> Result<Draft, SchemaError> {
    check_as(Draft::of(root)?, root)
}

/// Checks a schema against the meta-schema of a draft.
fn check_as(draft: Draft, root: &Json<'_>) -> Result<Draft, SchemaError> {
    if !matches!(root.value, Value::Object(_) | Value::Bool(_)) {
        return Err(SchemaError::new(format!("a JSON Schema must be an object, it is {}", root.kind()))
            .at(root.range.start..root.range.start + 1));
    }
    let value = to_serde(root);
    match draft.validate(&value) {
        Ok(()) => Ok(draft),
        Err(error) => Err(misfit(root, error.instance_path().as_str(), &error.to_string())),
    }
}

/// An error of the meta-schema, at its place and in words about schemas where that is possible.
fn misfit(root: &Json<'_>, pointer: &str, message: &str) -> SchemaError {
    let place = root.pointer(pointer).unwrap_or(root);
    if let (true, Some(word)) = (pointer.ends_with("/type"), place.as_str()) {
        let error = SchemaError::new(format!("{} is no type of JSON Schema", quoted(word))).at(place.range.clone());
        return match closest(word, TYPES.into_iter()) {
            Some(candidate) => error.help(format!("did you mean `{candidate}`?")),
            None => error.help(format!("types: {}", TYPES.join(", "))),
        };
    }
    let shown: String = message.chars().take(300).collect();
    let path = if pointer.is_empty() { "/" } else { pointer };
    SchemaError::new(format!("{} does not fit the meta-schema: {shown}", quoted(path))).at(place.range.clone())
}

pub(super) fn to_serde(json: &Json<'_>) -> serde_json::Value {
    match &json.value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(value) => serde_json::Value::Bool(*value),
        // A number beyond a double counts as a number all the same.
        Value::Number(digits) => digits.parse().map_or_else(|_| f64::MAX.into(), serde_json::Value::Number),
        Value::String(text) => serde_json::Value::String(text.clone().into_owned()),
        Value::Array(items) => serde_json::Value::Array(items.iter().map(to_serde).collect()),
        Value::Object(members) => serde_json::Value::Object(
            members.iter().map(|member| (member.key.clone().into_owned(), to_serde(&member.value))).collect(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registries_take_more_than_the_meta_schema() {
        let four = r#""$schema":"http://json-schema.org/draft-04/schema#""#;
        for text in [
            r#"{"type":"string","examples":"a"}"#.to_owned(),
            r#"{"type":"string","minLength":-1}"#.to_owned(),
            r#"{"enum":[],"definitions":{"a":3}}"#.to_owned(),
            r#"{"oneOf":[]}"#.to_owned(),
            format!(r#"{{{four},"properties":{{"a":true}},"oneOf":[true]}}"#),
            format!(r#"{{{four},"items":[true],"required":[]}}"#),
        ] {
            assert!(parse(&text, &[]).is_err(), "{text}");
            assert!(parse_registered(&text, &[]).is_ok(), "{text}");
        }
    }

    #[test]
    fn registries_read_an_unknown_draft_as_the_seventh() {
        for draft in ["http://json-schema.org/schema#", "http://json-schema.org/draft-03/schema#", "x"] {
            let text = format!(r#"{{"$schema":"{draft}","type":"string","const":"a"}}"#);
            assert_eq!(parse_registered(&text, &[]).expect("registries take it").draft, Draft::Draft7);
            assert!(parse(&text, &[]).is_err(), "{draft}");
        }
    }

    #[test]
    fn what_registries_read_must_be_right() {
        let four = r#""$schema":"http://json-schema.org/draft-04/schema#""#;
        for text in [
            r#"{"type":"strin"}"#.to_owned(),
            r#"{"properties":{"a":{"items":3}}}"#.to_owned(),
            r#"{"oneOf":[{"title":3}]}"#.to_owned(),
            r#"{"dependencies":{"a":[3]}}"#.to_owned(),
            r#"{"exclusiveMinimum":true}"#.to_owned(),
            r#"{"multipleOf":0.0}"#.to_owned(),
            r#"{"minLength":"3"}"#.to_owned(),
            format!(r#"{{{four},"items":true}}"#),
            format!(r#"{{{four},"minimum":3,"exclusiveMinimum":4}}"#),
            r#"{"$schema":"https://json-schema.org/draft/2020-12/schema","examples":"a"}"#.to_owned(),
            r##"{"$ref":"#/definitions/a"}"##.to_owned(),
            r#"{"examples":"a","examples":"b"}"#.to_owned(),
        ] {
            assert!(parse_registered(&text, &[]).is_err(), "{text}");
        }
    }

    #[test]
    fn the_error_is_that_of_the_meta_schema() {
        let text = r#"{"examples":"a","minLength":"3"}"#;
        assert_eq!(parse_registered(text, &[]).err(), parse(text, &[]).err());
    }
}
