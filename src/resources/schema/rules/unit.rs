use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::model::{Address, TopicName};
use crate::resources::Workspace;
use crate::resources::schema::{CompatibilitySpec, Pair, PastVersion, SchemaFile, resolve_category, resolve_level};
use crate::resources::topic::ReferenceSpec;
use crate::schema::{Category, Compatibility};
use crate::source::{FileId, Span};

/// A schema file with what it refers to, and what its history has to keep.
pub(super) struct Unit<'w> {
    pub(super) file: SchemaFile,
    pub(super) references: &'w [ReferenceSpec],
    pub(super) address: Address,
    /// The topic, where it is a topic's.
    pub(super) topic: Option<&'w TopicName>,
    /// Where a manifest asks for it.
    pub(super) span: Span,
    /// The levels of its subjects: most often one.
    pub(super) levels: Vec<Compatibility>,
    /// How far the second opinion goes: as far as for any of its subjects.
    pub(super) category: Option<Category>,
}

/// The schema files that are used, each once.
pub(super) struct Units<'w> {
    pub(super) list: Vec<Unit<'w>>,
    /// Where the unit of each file stands.
    places: HashMap<FileId, usize>,
}

impl<'w> Units<'w> {
    /// Those that the subjects and topics of a workspace use.
    pub(super) fn of(workspace: &'w Workspace) -> Self {
        let most = workspace.topics.len() + workspace.subjects.len();
        let mut units = Units { list: Vec::with_capacity(most), places: HashMap::with_capacity(most) };
        for declared in workspace.declared_schemas() {
            let unit = units.unit(declared.file, || Unit {
                file: declared.file,
                references: declared.references(),
                address: declared.address(),
                topic: declared.topic().map(|topic| &topic.topic.value),
                span: declared.span,
                levels: Vec::with_capacity(1),
                category: None,
            });
            unit.promise(workspace, declared.compatibility());
        }
        units
    }

    /// Where the unit of a file stands in the list.
    pub(super) fn place(&self, file: FileId) -> Option<usize> {
        self.places.get(&file).copied()
    }

    fn unit(&mut self, file: SchemaFile, make: impl FnOnce() -> Unit<'w>) -> &mut Unit<'w> {
        let place = match self.places.entry(file.file) {
            Entry::Occupied(entry) => *entry.get(),
            Entry::Vacant(entry) => {
                self.list.push(make());
                *entry.insert(self.list.len() - 1)
            }
        };
        &mut self.list[place]
    }
}

impl Unit<'_> {
    /// The files of the present version and of an earlier one.
    pub(super) fn pair(&self, version: &PastVersion<'_>) -> Pair {
        Pair { new: self.file.file, old: version.schema.file }
    }

    /// Takes in what one of its subjects has to keep.
    fn promise(&mut self, workspace: &Workspace, written: Option<CompatibilitySpec>) {
        let level = resolve_level(workspace, written).value;
        if !self.levels.contains(&level) {
            self.levels.push(level);
        }
        self.category = self.category.max(resolve_category(workspace, written).value);
    }
}
