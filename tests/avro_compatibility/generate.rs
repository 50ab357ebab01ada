//! Random schemas, most of them valid.
//!
//! Few names, so that they meet: in themselves (recursion), twice, before their definition, in several namespaces.

use serde_json::{Map, Value, json};

use super::random::Random;

pub const PRIMITIVES: [&str; 8] = ["null", "boolean", "int", "long", "float", "double", "bytes", "string"];

pub const NAMES: [&str; 12] = ["R", "S", "T", "U", "E", "F", "n.R", "n.S", "m.T", "m.E", "n.k.F", ".V"];

pub const NAMESPACES: [&str; 4] = ["n", "m", "n.k", ""];

pub const FIELDS: [&str; 7] = ["a", "b", "c", "d", "e", "f", "g_1"];

pub const SYMBOLS: [&str; 6] = ["A", "B", "C", "D", "E_1", "_"];

/// A random schema.
pub fn schema(random: &mut Random) -> Value {
    schema_with(random, &[])
}

/// A random schema that may use types of these names, which are defined elsewhere.
pub fn schema_with(random: &mut Random, names: &[String]) -> Value {
    let defined = names.iter().map(|name| (name.clone(), Value::Null)).collect();
    Generator { defined, depth: 2 + random.below(4) }.schema(random, 0)
}

/// Records that use each other before and after their definitions, with defaults that look into them.
pub fn knot(random: &mut Random) -> Value {
    let names = ["R", "S", "n.T", "E"];
    let mut fields = Vec::new();
    for (index, name) in names.iter().enumerate().take(2 + random.below(3)) {
        let definition = match *name {
            "E" => json!({ "type": random.one(&["enum", "fixed"]), "name": "E", "symbols": ["A"], "size": 4 }),
            _ => {
                let inner: Vec<Value> = (0..random.below(4)).map(|index| knot_field(random, FIELDS[index])).collect();
                json!({ "type": "record", "name": name, "fields": inner })
            }
        };
        let name = format!("f{index}");
        if random.percent(20) {
            fields.push(json!({ "name": name, "type": definition, "default": knot_default(random, 3) }));
        } else {
            fields.push(json!({ "name": name, "type": definition }));
        }
        if random.percent(30) {
            fields.push(knot_field(random, FIELDS[index]));
        }
    }
    json!({ "type": "record", "name": "Knot", "fields": fields })
}

fn knot_field(random: &mut Random, name: &str) -> Value {
    let used = random.one(&["R", "S", "n.T", "E", "int"]);
    let field_type = match random.below(6) {
        0 | 1 => json!(["null", used]),
        2 => json!([used, "null"]),
        3 => json!({ "type": "array", "items": used }),
        _ => json!(used),
    };
    let mut field = json!({ "name": name, "type": field_type });
    if random.percent(45) {
        field["default"] = knot_default(random, 2);
    }
    field
}

fn knot_default(random: &mut Random, depth: usize) -> Value {
    match random.below(if depth == 0 { 5 } else { 8 }) {
        0 | 1 => Value::Null,
        2 => json!({}),
        3 => json!([]),
        4 => [json!("A"), json!(1)][random.below(2)].clone(),
        5 => json!([knot_default(random, depth - 1)]),
        _ => {
            let keys = FIELDS.iter().take(1 + random.below(3));
            keys.map(|key| ((*key).to_owned(), knot_default(random, depth - 1))).collect()
        }
    }
}

/// A random type inside a schema whose names are these.
pub fn part(random: &mut Random, names: &[String]) -> Value {
    let defined = names.iter().map(|name| (name.clone(), json!("int"))).collect();
    Generator { defined, depth: 2 }.schema(random, 1)
}

struct Generator {
    /// Names that may be used, and what they are.
    defined: Vec<(String, Value)>,
    depth: usize,
}

impl Generator {
    fn schema(&mut self, random: &mut Random, depth: usize) -> Value {
        let choice = match depth {
            0 => 30 + random.below(70),
            depth if depth >= self.depth => random.below(52),
            _ => random.below(100),
        };
        match choice {
            0..36 => self.primitive(random),
            36..52 => self.used(random).unwrap_or_else(|| self.primitive(random)),
            52..58 => json!({ "type": "array", "items": self.schema(random, depth + 1) }),
            58..62 => json!({ "type": "map", "values": self.schema(random, depth + 1) }),
            62..72 => self.union(random, depth),
            72..80 => self.enumeration(random),
            80..86 => self.fixed(random),
            _ => self.record(random, depth),
        }
    }

    fn primitive(&mut self, random: &mut Random) -> Value {
        let name = PRIMITIVES[random.below(PRIMITIVES.len())];
        match random.below(12) {
            0 => json!({ "type": name }),
            1 => {
                let logical = ["date", "timestamp-millis", "decimal", "uuid", "made-up"];
                json!({ "type": name, "logicalType": random.one(&logical), "precision": 4 })
            }
            _ => json!(name),
        }
    }

    /// A name that stands somewhere before, or, rarely, somewhere behind or nowhere.
    fn used(&mut self, random: &mut Random) -> Option<Value> {
        let name = match random.below(20) {
            0 => NAMES[random.below(NAMES.len())].to_owned(),
            _ if self.defined.is_empty() => return None,
            _ => self.defined[random.below(self.defined.len())].0.clone(),
        };
        Some(match random.below(15) {
            0 => json!({ "type": name }),
            1 => json!(short(&name)),
            _ => json!(name),
        })
    }

    fn union(&mut self, random: &mut Random, depth: usize) -> Value {
        let mut branches: Vec<Value> = Vec::new();
        if random.percent(50) {
            branches.push(json!("null"));
        }
        for _ in 0..random.below(4) {
            let branch = self.schema(random, depth + 1);
            let is_there = branches.iter().any(|other| kind(other) == kind(&branch));
            if (!is_there && !branch.is_array()) || random.percent(1) {
                branches.push(branch);
            }
        }
        json!(branches)
    }

    /// Name, namespace, aliases and what readers do not look at.
    fn named(&mut self, random: &mut Random, word: &str) -> (Map<String, Value>, usize) {
        let mut object = Map::new();
        object.insert("type".into(), json!(word));
        let mut name = NAMES[random.below(NAMES.len())];
        if self.defined.iter().any(|(defined, _)| defined == name) && random.percent(95) {
            let unused = NAMES.iter().find(|name| self.defined.iter().all(|(defined, _)| defined != *name));
            name = unused.unwrap_or(&"R");
        }
        object.insert("name".into(), json!(name));
        let mut known_as = name.to_owned();
        if random.percent(15) {
            let namespace = NAMESPACES[random.below(NAMESPACES.len())];
            object.insert("namespace".into(), json!(namespace));
            if !name.contains('.') && !namespace.is_empty() {
                known_as = format!("{namespace}.{name}");
            }
        }
        if random.percent(20) {
            object.insert("aliases".into(), aliases(random));
        }
        if random.percent(8) {
            object.insert("doc".into(), json!("what it is"));
        }
        if random.percent(4) {
            object.insert("owner".into(), json!({ "team": 7 }));
        }
        self.defined.push((known_as, Value::Null));
        (object, self.defined.len() - 1)
    }

    fn enumeration(&mut self, random: &mut Random) -> Value {
        let (mut object, index) = self.named(random, "enum");
        let symbols = symbols(random);
        if random.percent(35) && !symbols.is_empty() {
            object.insert("default".into(), json!(symbols[random.below(symbols.len())]));
        }
        object.insert("symbols".into(), json!(symbols));
        self.finish(index, object)
    }

    fn fixed(&mut self, random: &mut Random) -> Value {
        let (mut object, index) = self.named(random, "fixed");
        object.insert("size".into(), json!([0, 4, 8, 12][random.below(4)]));
        if random.percent(15) {
            object.insert("logicalType".into(), json!(random.one(&["decimal", "duration"])));
        }
        self.finish(index, object)
    }

    fn finish(&mut self, index: usize, object: Map<String, Value>) -> Value {
        let whole = Value::Object(object);
        self.defined[index].1 = whole.clone();
        whole
    }

    fn record(&mut self, random: &mut Random, depth: usize) -> Value {
        let word = if random.percent(6) { "error" } else { "record" };
        let (mut object, index) = self.named(random, word);
        let mut names = FIELDS.to_vec();
        let mut fields = Vec::new();
        for _ in 0..random.below(7) {
            let name = names.remove(random.below(names.len()));
            let field_type = self.schema(random, depth + 1);
            fields.push(self.field(random, name, field_type));
        }
        object.insert("fields".into(), json!(fields));
        self.finish(index, object)
    }

    fn field(&mut self, random: &mut Random, name: &str, field_type: Value) -> Value {
        let mut field = Map::new();
        field.insert("name".into(), json!(name));
        field.insert("type".into(), field_type.clone());
        if random.percent(30) {
            field.insert("default".into(), self.default(random, &field_type));
        }
        if random.percent(15) {
            let aliases: Vec<&str> = (0..1 + random.below(2)).map(|_| FIELDS[random.below(FIELDS.len())]).collect();
            field.insert("aliases".into(), json!(aliases));
        }
        if random.percent(8) {
            field.insert("order".into(), json!(random.one(&["ascending", "descending", "ignore", "IGNORE"])));
        }
        if random.percent(8) {
            field.insert("doc".into(), json!("what it holds"));
        }
        Value::Object(field)
    }

    fn default(&self, random: &mut Random, field_type: &Value) -> Value {
        if random.percent(8) { any_value(random, 2) } else { self.value(random, field_type, 3) }
    }

    /// A value that most probably is of the type.
    fn value(&self, random: &mut Random, of: &Value, depth: usize) -> Value {
        if depth == 0 {
            return json!({});
        }
        let word = match of {
            Value::Array(branches) if branches.is_empty() => return Value::Null,
            Value::Array(branches) => {
                let branch = random.below(branches.len());
                return self.value(random, &branches[branch], depth);
            }
            Value::String(name) => name,
            _ => of["type"].as_str().unwrap_or_default(),
        };
        match word {
            "null" => Value::Null,
            "boolean" => json!(random.percent(50)),
            "int" => json!(random.below(9)),
            "long" => json!(3_000_000_000_u64),
            "float" | "double" => [json!(1), json!(1.5), json!("NaN"), json!("2.5e1"), json!("0x1p3"), json!("one")]
                [random.below(6)]
            .clone(),
            "bytes" | "string" | "fixed" => json!("x"),
            "enum" => of["symbols"].get(0).cloned().unwrap_or(json!("A")),
            "array" => {
                let items = (0..random.below(3)).map(|_| self.value(random, &of["items"], depth - 1));
                Value::Array(items.collect())
            }
            "map" => {
                let keys = ["k", "l"].into_iter().take(random.below(3));
                keys.map(|key| (key.to_owned(), self.value(random, &of["values"], depth - 1))).collect()
            }
            "record" | "error" => {
                let mut object = Map::new();
                for field in of["fields"].as_array().into_iter().flatten() {
                    let is_left_out = field.get("default").is_some() && random.percent(60);
                    if let (Some(name), false) = (field["name"].as_str(), is_left_out) {
                        object.insert(name.to_owned(), self.value(random, &field["type"], depth - 1));
                    }
                }
                Value::Object(object)
            }
            name => match self.defined.iter().find(|(defined, _)| defined == name || short(defined) == name) {
                Some((_, of)) if !of.is_null() => self.value(random, of, depth - 1),
                _ => [json!({}), json!("x"), Value::Null][random.below(3)].clone(),
            },
        }
    }
}

/// The part of a name behind its last dot.
pub fn short(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// What a union may have once.
fn kind(branch: &Value) -> String {
    let word = branch.as_str().or_else(|| branch["type"].as_str()).unwrap_or_default();
    match branch["name"].as_str() {
        Some(name) => name.to_owned(),
        None => word.to_owned(),
    }
}

/// Random aliases of a type.
pub fn aliases(random: &mut Random) -> Value {
    let others = ["X", ".R", "n.X", "R", "m.R", "int", ".n.S"];
    let alias = |random: &mut Random| match random.percent(60) {
        true => NAMES[random.below(NAMES.len())],
        false => random.one(&others),
    };
    (0..1 + random.below(2)).map(|_| json!(alias(random))).collect()
}

/// Random symbols of an enum.
pub fn symbols(random: &mut Random) -> Vec<&'static str> {
    let mut symbols = SYMBOLS.to_vec();
    let count = if random.percent(5) { 0 } else { 1 + random.below(5) };
    (0..count).map(|_| symbols.remove(random.below(symbols.len()))).collect()
}

/// Any JSON.
pub fn any_value(random: &mut Random, depth: usize) -> Value {
    let count = if depth == 0 { 11 } else { 13 };
    match random.below(count) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(0),
        3 => json!(-7),
        4 => json!(2_147_483_648_u64),
        5 => json!(1.5),
        6 => json!("A"),
        7 => json!("1"),
        8 => json!(""),
        9 => json!([]),
        10 => json!({}),
        11 => (0..random.below(3)).map(|_| any_value(random, depth - 1)).collect(),
        _ => {
            let keys = FIELDS.iter().take(random.below(3));
            keys.map(|key| ((*key).to_owned(), any_value(random, depth - 1))).collect()
        }
    }
}
