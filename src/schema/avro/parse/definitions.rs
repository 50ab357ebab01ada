//! Records and their fields, enums, fixed.

use std::collections::HashSet;

use super::attributes::{check_simple_name, required, required_string, strings, text_of};
use super::{FEW, Parser, Parts, State};
use crate::schema::avro::defaults::{self, Types};
use crate::schema::avro::java;
use crate::schema::avro::model::{Field, Named, NamedId, NamedKind, Type, TypeKind};
use crate::schema::avro::name::{
    PRIMITIVES, alias_name, defined_name, is_full_name, is_java_full_name, is_java_name, is_simple_name, namespace_of,
    short_name,
};
use crate::schema::error::{SchemaError, quoted};
use crate::schema::text::Json;

/// The largest fixed of Java's library.
const MAX_FIXED: u32 = i32::MAX as u32 - 8;

impl Parser {
    pub(super) fn record<'j, 't>(
        &mut self,
        json: &'j Json<'t>,
        within: Option<NamedId>,
    ) -> Result<Parts<'j, 't>, SchemaError> {
        let list = required(json, "fields")?;
        let items = list.as_array().ok_or_else(|| {
            SchemaError::new(format!("`fields` must be an array, it is {}", list.kind())).at(list.range.clone())
        })?;
        // Known before its fields are parsed: they may use it.
        let id = self.define(json, within, NamedKind::Record(Vec::new()))?;
        Ok(Parts::Record { id, items, fields: Vec::with_capacity(items.len()), names: HashSet::new() })
    }

    /// A field whose type is read.
    pub(super) fn field(&mut self, json: &Json<'_>, field_type: Type) -> Result<Field, SchemaError> {
        let name = required_string(json, "name")?;
        self.object_to_letters(name);
        let aliases = strings(json, "aliases")?;
        if let Some(order) = json.get("order")
            && order.as_str().and_then(java::order).is_none()
        {
            return Err(SchemaError::new("the order of a field is none that there is")
                .at(order.range.clone())
                .help("write `ascending`, `descending` or `ignore`"));
        }
        let field = Field {
            name: text_of(name),
            aliases: aliases.into_iter().map(text_of).collect(),
            doc: json.get("doc").and_then(Json::as_str).map(str::to_owned),
            field_type,
            default: json.get("default").cloned().map(Json::into_owned),
            range: name.range.clone(),
        };
        defaults::check_number(&field)?;
        if !self.any_default {
            let is_set = |id: NamedId| self.states[id.0].is_set;
            let types = Types { named: &self.named, is_set: &is_set, resolved: &[] };
            match defaults::check(&field, &types, &mut self.default_steps) {
                Ok(()) => {}
                // Most often the name is mistyped, and that is to be said.
                Err(unfit) if unfit.is_early => _ = self.unfit.get_or_insert(unfit.error),
                Err(unfit) => return Err(unfit.error),
            }
        }
        Ok(field)
    }

    pub(super) fn enumeration(&mut self, json: &Json<'_>, within: Option<NamedId>) -> Result<TypeKind, SchemaError> {
        required(json, "symbols")?;
        let symbols = strings(json, "symbols")?;
        let mut seen = HashSet::new();
        for (index, symbol) in symbols.iter().enumerate() {
            check_simple_name(symbol, "symbol")?;
            self.object_to_letters(symbol);
            let is_twice = match symbols.len() {
                ..=FEW => symbols[..index].iter().any(|other| other.as_str() == symbol.as_str()),
                _ => !seen.insert(symbol.as_str()),
            };
            if is_twice {
                return Err(SchemaError::new(format!("the symbol {} is there twice", quoted(&text_of(symbol))))
                    .at(symbol.range.clone()));
            }
        }
        let default = json.get("default");
        if let Some(default) = default
            && !symbols.iter().any(|symbol| symbol.as_str() == default.as_str())
        {
            let error = SchemaError::new("the enum's default is none of its symbols").at(default.range.clone());
            if default.as_str().is_some() {
                return Err(error);
            }
            // Java passes over one that is no string.
            self.object(|| error);
        }
        let default = default.and_then(Json::as_str).map(str::to_owned);
        let kind = NamedKind::Enum { symbols: symbols.into_iter().map(text_of).collect(), default };
        self.define(json, within, kind).map(TypeKind::Named)
    }

    pub(super) fn fixed(&mut self, json: &Json<'_>, within: Option<NamedId>) -> Result<TypeKind, SchemaError> {
        let size = required(json, "size")?;
        let digits = size.as_number().map(|digits| if digits == "-0" { "0" } else { digits });
        let bytes = digits.and_then(|digits| digits.parse::<u32>().ok()).filter(|bytes| *bytes <= MAX_FIXED);
        let bytes = bytes
            .ok_or_else(|| SchemaError::new("`size` of a fixed must be a number of bytes").at(size.range.clone()))?;
        self.define(json, within, NamedKind::Fixed(bytes)).map(TypeKind::Named)
    }

    fn define(&mut self, json: &Json<'_>, within: Option<NamedId>, kind: NamedKind) -> Result<NamedId, SchemaError> {
        let place = required_string(json, "name")?;
        let namespace = json.get("namespace").and_then(Json::as_str);
        let name = defined_name(place.as_str().unwrap_or_default(), namespace, self.namespace(within));
        // It is kept in the list of types and beside its place there.
        self.names.add(2 * name.len()).map_err(|error| error.at(place.range.clone()))?;
        let not_a_name = |name: &str, place: &Json<'_>| {
            SchemaError::new(format!("{} is not a name", quoted(name)))
                .at(place.range.clone())
                .help("each part of a name is a letter or `_`, then letters, digits and `_`")
        };
        if !is_full_name(&name) {
            if !is_java_full_name(&name) {
                return Err(not_a_name(&name, place));
            }
            self.object(|| not_a_name(&name, place));
        }
        if PRIMITIVES.contains(&name.as_str()) {
            return Err(
                SchemaError::new(format!("`{name}` is a primitive type and cannot be defined")).at(place.range.clone())
            );
        }
        let aliases = strings(json, "aliases")?;
        // Java looks at the last part alone.
        if let Some(alias) = aliases.iter().find(|alias| !is_java_name(short_name(alias.as_str().unwrap_or_default())))
        {
            return Err(not_a_name(alias.as_str().unwrap_or_default(), alias));
        }
        let mut full_aliases = Vec::with_capacity(aliases.len());
        for alias in aliases {
            let full = alias_name(alias.as_str().unwrap_or_default(), namespace_of(&name));
            self.names.add(full.len()).map_err(|error| error.at(alias.range.clone()))?;
            full_aliases.push(full);
        }
        let id = NamedId(self.named.len());
        let first = *self.by_name.entry(name.clone()).or_insert(id);
        if first != id {
            let error = SchemaError::new(format!("the type {} is defined twice", quoted(&name)))
                .at(place.range.clone())
                .help("define it once and use it by its name");
            if !self.may_be_defined_again(first, &kind) {
                return Err(error);
            }
            self.object(|| error);
        }
        let is_set = !matches!(kind, NamedKind::Record(_));
        // Of a record they decide nothing.
        let has_properties = is_set && has_properties(json, matches!(kind, NamedKind::Enum { .. }));
        self.states.push(State { first, is_set, has_properties });
        self.named.push(Named {
            aliases: full_aliases,
            doc: json.get("doc").and_then(Json::as_str).map(str::to_owned),
            kind,
            range: json.range.clone(),
            reference: self.reference.clone(),
            name,
        });
        Ok(id)
    }

    /// Java takes a second definition that equals the first one as it is then: an enum of the same symbols and a fixed
    /// of the same size that have no properties, and any record inside the record of the same name.
    fn may_be_defined_again(&self, earlier: NamedId, kind: &NamedKind) -> bool {
        let state = &self.states[earlier.0];
        match (&self.named[earlier.0].kind, kind) {
            (NamedKind::Record(_), NamedKind::Record(_)) => !state.is_set,
            (NamedKind::Enum { symbols: a, .. }, NamedKind::Enum { symbols: b, .. }) => a == b && !state.has_properties,
            (NamedKind::Fixed(a), NamedKind::Fixed(b)) => a == b && !state.has_properties,
            _ => false,
        }
    }

    fn object_to_letters(&mut self, name: &Json<'_>) {
        if !is_simple_name(name.as_str().unwrap_or_default()) {
            self.object(|| {
                SchemaError::new(format!("the name {} has letters that Avro does not allow", quoted(&text_of(name))))
                    .at(name.range.clone())
                    .help("write it with the letters A to Z; Java takes others, most other languages do not")
            });
        }
    }
}

/// Whether Java keeps a property of this definition that the specification does not know.
fn has_properties(json: &Json<'_>, is_enum: bool) -> bool {
    const KNOWN: [&str; 10] =
        ["aliases", "doc", "fields", "items", "name", "namespace", "size", "symbols", "type", "values"];
    let is_known = |key: &str| KNOWN.contains(&key) || (is_enum && key == "default");
    json.as_object().unwrap_or_default().iter().any(|member| !is_known(&member.key))
}
