use std::fmt::Display;

use prost_reflect::FieldDescriptor;

use super::kinds;

/// The longest path that is told in full, in bytes. Names may be as long as a schema, and a path stands in each change.
const MOST: usize = 512;

/// Where a message or enum is, as the registry writes it: `#/Order/Line`.
pub struct Path(String);

impl Path {
    /// The file.
    pub fn root() -> Self {
        Self("#".into())
    }

    /// The file, message or enum itself.
    pub fn here(&self) -> String {
        self.0.clone()
    }

    /// A message or enum in it.
    pub fn below(&self, name: &str) -> Self {
        Self(self.to(name))
    }

    /// What has a name or a number in it.
    pub fn to(&self, name: impl Display) -> String {
        let path = format!("{}/{name}", self.0);
        if path.len() <= MOST {
            return path;
        }
        let start = path.ceil_char_boundary(path.len() - MOST);
        format!("#/…{}", &path[start..])
    }

    /// A field in it, behind the oneof that it is a member of.
    pub fn to_field(&self, field: &FieldDescriptor) -> String {
        match kinds::oneof(field) {
            Some(oneof) => self.below(oneof.name()).to(field.number()),
            None => self.to(field.number()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_paths_keep_their_end() {
        let long = Path::root().below(&"a".repeat(1 << 20)).below("Inner");
        let path = long.to(7);
        assert!(path.starts_with("#/…a") && path.ends_with("a/Inner/7"), "{path}");
        assert!(path.len() < MOST + 10);
        assert_eq!(Path::root().below("Order").below("Line").to(1), "#/Order/Line/1");
    }
}
