use std::collections::HashMap;
use std::ops::Range;

use prost_reflect::prost_types::FileDescriptorProto;
use prost_reflect::{DescriptorError, DescriptorPool, FileDescriptor};

use super::names::Weight;
use super::places::{Places, Spans, part};
use super::{builtin, objections, source, tolerance};
use crate::schema::ResolvedReference;
use crate::schema::error::{SchemaError, quoted};

/// The name under which the schema itself is compiled; nothing can import it.
const OWN_NAME: &str = "schema.proto";

/// A Protobuf file that compiles.
#[derive(Debug, Clone)]
pub struct ProtobufSchema {
    /// The file, in a pool with all that it imports.
    pub file: FileDescriptor,
    /// Its text, which its places are in.
    pub text: Box<str>,
    /// What it imports of the references, directly and through others.
    pub imports: Vec<Import>,
    name: Option<Box<str>>,
}

/// A file that another one imports.
#[derive(Debug, Clone)]
pub struct Import {
    /// The file, in the same pool.
    pub file: FileDescriptor,
    /// Its text.
    pub text: Box<str>,
}

impl ProtobufSchema {
    /// The full name of its first message, which serializers take for its name.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The bytes of its first word.
    pub fn beginning(&self) -> Option<Range<usize>> {
        Places::new(self).beginning()
    }
}

/// Parses a new Protobuf file, which `protoc` has to take. What it imports is among the references, or one of the files that
/// registries know.
pub fn parse(text: &str, references: &[ResolvedReference<'_>]) -> Result<ProtobufSchema, SchemaError> {
    let file = source::read(OWN_NAME, text)?;
    objections::of_text(&file, text)?;
    let schema = compile(file, text, references)?;
    objections::of_schema(&schema)?;
    Ok(schema)
}

/// Parses a Protobuf file as a registry does, which takes some of what `protoc` refuses.
pub fn parse_registered(text: &str, references: &[ResolvedReference<'_>]) -> Result<ProtobufSchema, SchemaError> {
    compile(source::read(OWN_NAME, text)?, text, references)
}

fn compile(
    file: FileDescriptorProto,
    text: &str,
    references: &[ResolvedReference<'_>],
) -> Result<ProtobufSchema, SchemaError> {
    let mut files =
        Files { references, pool: DescriptorPool::new(), stack: Vec::new(), longest: 0, ways: HashMap::new() };
    files.add(file, text)?;
    // A pool that is still added to would be another one.
    let imports = references.iter().filter_map(|reference| {
        Some(Import { file: files.pool.get_file_by_name(reference.name)?, text: reference.text.into() })
    });
    let imports = imports.collect();
    let file = files.pool.get_file_by_name(OWN_NAME).ok_or_else(|| SchemaError::new("the file was not compiled"))?;
    let name = file.messages().next().map(|message| message.full_name().into());
    Ok(ProtobufSchema { file, text: text.into(), imports, name })
}

struct Files<'r> {
    references: &'r [ResolvedReference<'r>],
    pool: DescriptorPool,
    /// The imports that led here, to find circles.
    stack: Vec<String>,
    /// The longest full name so far, in bytes.
    longest: usize,
    /// In how many ways `import public` leads on from each file, itself included.
    ways: HashMap<String, usize>,
}

/// Imports of imports of imports; more is an error.
const MAX_IMPORT_DEPTH: usize = 64;

/// What the full names of a file may take, in bytes. Each part of a compiled file carries its own, and fields that of
/// their type: a few names as long as a file would take gigabytes.
const MAX_NAMES: usize = 128 << 20;

/// In how many ways `import public` may lead on from what a file imports. Names are looked for along each way, and files that
/// import two others each have as many as there are Fibonacci numbers.
const MAX_WAYS: usize = 1_000;

impl Files<'_> {
    fn add(&mut self, mut file: FileDescriptorProto, text: &str) -> Result<(), SchemaError> {
        tolerance::check_map_entries(&file, text)?;
        tolerance::tolerate(&mut file);
        self.stack.push(file.name().to_owned());
        for (index, import) in file.dependency.iter().enumerate() {
            if file.dependency[..index].contains(import) {
                let error = SchemaError::new(format!("{} is imported twice", quoted(import)));
                return Err(at_import(error, &file, text, index));
            }
            self.import(import).map_err(|error| match error {
                // An error of the import itself has its place there, and this file only the line that imports it.
                ImportError::Inside(error) => error.in_reference(import),
                ImportError::Here(error) => at_import(error, &file, text, index),
            })?;
        }
        self.stack.pop();
        self.count_ways(&file, text)?;
        let weight = Weight::of(&file);
        self.longest = self.longest.max(weight.longest);
        if weight.parts.saturating_mul(self.longest) > MAX_NAMES {
            let (longest, parts) = (self.longest, weight.parts);
            let error =
                format!("a name of {longest} bytes with everything around it is too long for {parts} declarations");
            return Err(SchemaError::new(error).help("shorten the names of messages and packages"));
        }
        self.pool.add_file_descriptor_proto(file).map_err(|error| invalid(text, &error))
    }

    fn count_ways(&mut self, file: &FileDescriptorProto, text: &str) -> Result<(), SchemaError> {
        let ways_of = |import: &String| self.ways.get(import).copied().unwrap_or(1);
        let on = |places: &mut dyn Iterator<Item = &String>| places.map(ways_of).fold(0, usize::saturating_add);
        if on(&mut file.dependency.iter()) > MAX_WAYS {
            let error = SchemaError::new(format!("`import public` leads on in more than {MAX_WAYS} ways"));
            let error = error.help("import what is used, and let few files import others for everybody");
            let most = (0..file.dependency.len()).max_by_key(|index| ways_of(&file.dependency[*index]));
            return Err(at_import(error, file, text, most.unwrap_or_default()));
        }
        let public =
            file.public_dependency.iter().filter_map(|index| file.dependency.get(usize::try_from(*index).ok()?));
        let ways = on(&mut public.into_iter()).saturating_add(1);
        self.ways.insert(file.name().to_owned(), ways);
        Ok(())
    }

    fn import(&mut self, name: &str) -> Result<(), ImportError> {
        if let Some(begin) = self.stack.iter().position(|open| open == name) {
            let way = self.stack[begin..].iter().map(String::as_str).chain([name]);
            let circle = format!("{} imports itself: {}", quoted(name), way.collect::<Vec<_>>().join(" → "));
            let help = "move what the files share to one that imports none of them";
            return Err(ImportError::Here(SchemaError::new(circle).help(help)));
        }
        if self.stack.len() > MAX_IMPORT_DEPTH {
            let error = format!("{} is imported behind more than {MAX_IMPORT_DEPTH} others", quoted(name));
            return Err(ImportError::Here(SchemaError::new(error).help("let files import what they use themselves")));
        }
        if self.pool.get_file_by_name(name).is_some() {
            return Ok(());
        }
        let reference = self.references.iter().find(|reference| reference.name == name);
        if let Some(text) = reference.map(|reference| reference.text).or_else(|| builtin::text(name)) {
            let added = source::read(name, text).and_then(|file| self.add(file, text));
            return added.map_err(ImportError::Inside);
        }
        let Some(known) = DescriptorPool::global().get_file_by_name(name) else {
            let error = SchemaError::new(format!("{} is imported and not known", quoted(name)));
            let error = error.help("add the subject that holds it to `references`, with this name").missing(name);
            return Err(ImportError::Here(error));
        };
        let mut order = Vec::new();
        with_dependencies(&known, &mut order);
        for file in order {
            if self.pool.get_file_by_name(file.name()).is_none() {
                let added = self.pool.add_file_descriptor_proto(file.file_descriptor_proto().clone());
                added.map_err(|error| ImportError::Here(SchemaError::new(error.to_string())))?;
            }
        }
        Ok(())
    }
}

enum ImportError {
    Inside(SchemaError),
    Here(SchemaError),
}

fn with_dependencies(file: &FileDescriptor, order: &mut Vec<FileDescriptor>) {
    for dependency in file.dependencies() {
        with_dependencies(&dependency, order);
    }
    order.push(file.clone());
}

fn invalid(text: &str, error: &DescriptorError) -> SchemaError {
    let found = SchemaError::new(source::said(&error.to_string()));
    match (error.line(), error.column()) {
        (Some(line), Some(column)) => {
            let start = source::offset(text, line, column);
            let rest = text.get(start..).unwrap_or_default();
            let length = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.'))).unwrap_or(rest.len());
            found.at(start..start + length.max(1).min(rest.len()))
        }
        _ => found,
    }
}

/// Places an error at an import of a file.
fn at_import(error: SchemaError, file: &FileDescriptorProto, text: &str, index: usize) -> SchemaError {
    match Spans::of(file, text).range(&[part::DEPENDENCY, index as i32]) {
        Some(range) => error.at(range),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_imports_that_lead_on_in_too_many_ways_are_refused() {
        let files: Vec<(String, String)> = (0..60_usize)
            .map(|number| {
                let imports = number.saturating_sub(2)..number;
                let imports: String = imports.map(|other| format!("import public \"i{other}.proto\";")).collect();
                (format!("i{number}.proto"), format!("syntax = \"proto3\"; {imports} message M{number} {{}}"))
            })
            .collect();
        let references: Vec<_> = files.iter().map(|(name, text)| ResolvedReference { name, text }).collect();
        let by = |number: usize| parse(&format!("import \"i{number}.proto\"; message A {{}}"), &references);
        assert!(by(10).is_ok(), "{:?}", by(10).err());
        assert!(by(59).expect_err("too many").message.contains("more than 1000 ways"));
    }
    fn error(text: &str, references: &[(&str, &str)]) -> SchemaError {
        let references: Vec<_> = references.iter().map(|(name, text)| ResolvedReference { name, text }).collect();
        parse(text, &references).expect_err(text)
    }

    /// What is wrong with an import has its place at the statement in the file that imports.
    #[test]
    fn errors_of_imports_have_a_place() {
        let a = "// Not \"b.proto\".\n\nimport \"b.proto\";\nmessage A {}";
        let b = "message B {}\nimport public \"a.proto\";";
        let found = error("import \"a.proto\"; message M {}", &[("a.proto", a), ("b.proto", b)]);
        assert_eq!(found.message, "`a.proto` imports itself: a.proto → b.proto → a.proto");
        assert_eq!(
            (found.reference.as_deref(), &b[found.range.expect("a place")]),
            (Some("b.proto"), "import public \"a.proto\";")
        );
        let found = error("import \"a.proto\"; message M {}", &[("a.proto", a)]);
        assert_eq!(found.message, "`b.proto` is imported and not known");
        assert_eq!(
            (found.reference.as_deref(), &a[found.range.expect("a place")]),
            (Some("a.proto"), "import \"b.proto\";")
        );
        let own = "import \"a.proto\";import 'a.proto'; message M {}";
        let found = error(own, &[("a.proto", "message A {}")]);
        assert_eq!((found.reference, &own[found.range.expect("a place")]), (None, "import 'a.proto';"));
        let found = error("import \"a.proto\"; message M {}", &[("a.proto", "message A {\n  X x = 1;\n}")]);
        assert_eq!((found.reference.as_deref(), found.range.map(|range| range.start)), (Some("a.proto"), Some(14)));
    }

    #[test]
    fn imports_that_lead_too_deep_are_no_circle() {
        let files: Vec<(String, String)> = (0..70_usize)
            .map(|number| {
                (format!("i{number}.proto"), format!("import \"i{}.proto\"; message M{number} {{}}", number + 1))
            })
            .collect();
        let references: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        let found = error("import \"i0.proto\"; message M {}", &references);
        assert_eq!(found.message, "`i64.proto` is imported behind more than 64 others");
        assert_eq!((found.reference.as_deref(), found.range), (Some("i63.proto"), Some(0..19)));
    }

    #[test]
    fn a_name_that_is_there_twice() {
        let said = |fields: &str| error(&format!("syntax = \"proto3\"; message A {{ {fields} }}"), &[]).message;
        assert_eq!(said("int32 x = 1; int32 x = 2;"), "two fields of one message have the name `x`");
        assert_eq!(said("int32 a_b = 1; int32 aB = 2;"), "`a_b` and `aB` are both `aB` in JSON");
        assert_eq!(said("int32 x = 1; int32 y = 1;"), "two fields of one message have the number 1");
        assert_eq!(said("int32 x = 19001;"), "a field cannot have the number 19001: 19000 to 19999 are Protobuf's own");
        assert_eq!(said("int32 x = 536870912;"), "the number of a field lies between 1 and 536870911");
        assert_eq!(said("X x = 1;"), "`X` is declared neither here nor in a file that is imported");
    }

    #[test]
    fn a_file_of_too_many_declarations_is_not_compiled() {
        let fields: String = (1..=100_000).map(|number| format!("int32 f{number} = {number};\n")).collect();
        let text = format!("syntax = \"proto3\"; message A {{\n{fields}}}");
        let found = error(&text, &[]);
        assert_eq!(found.message, "more than 100000 declarations and statements");
        assert!(found.range.is_some());
    }
}
