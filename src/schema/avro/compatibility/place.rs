//! Locations, as steps from one place to the next. They are written out only for what is listed.

use std::fmt::Write as _;

/// A place in the reader's schema.
#[derive(Debug, Clone, Copy)]
pub(in crate::schema::avro) struct Place {
    /// The place around it, in the list of places; `None` at the root and at the branch of a union of the reader.
    pub(in crate::schema::avro) parent: Option<u32>,
    /// The way from there.
    pub(in crate::schema::avro) step: Step,
    /// The records around it.
    pub(in crate::schema::avro) within: Within,
}

/// The record of each side, by its place in the list of named types, whose text a place stands in.
#[derive(Debug, Clone, Copy)]
pub(in crate::schema::avro) struct Within {
    pub(in crate::schema::avro) reader: Option<u32>,
    pub(in crate::schema::avro) writer: Option<u32>,
}

/// A part of a JSON pointer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::schema::avro) enum Step {
    Root,
    Items,
    Values,
    Field(u32),
    FieldType(u32),
    Branch(u32),
    Name,
    Size,
    Symbols,
}

impl Place {
    pub(in crate::schema::avro) const ROOT: Self =
        Self { parent: None, step: Step::Root, within: Within { reader: None, writer: None } };

    /// The place that a JSON pointer has no way to: where a branch of a union begins.
    pub(in crate::schema::avro) fn fresh(self) -> Self {
        Self { parent: None, step: Step::Root, within: self.within }
    }
}

/// All places that others are found from.
#[derive(Default)]
pub(in crate::schema::avro) struct Places(Vec<Place>);

impl Places {
    pub(in crate::schema::avro) fn add(&mut self, place: Place) -> u32 {
        self.0.push(place);
        (self.0.len() - 1) as u32
    }

    pub(in crate::schema::avro) fn len(&self) -> usize {
        self.0.len()
    }

    /// The steps to a place, the last one first.
    pub(in crate::schema::avro) fn steps(&self, place: Place) -> impl Iterator<Item = Step> + '_ {
        self.around(place).map(|place| place.step)
    }

    /// A place and those around it, the outermost last.
    pub(in crate::schema::avro) fn around(&self, place: Place) -> impl Iterator<Item = Place> + '_ {
        std::iter::successors(Some(place), |place| self.0.get(place.parent? as usize).copied())
    }

    /// The place as Java writes it.
    pub(in crate::schema::avro) fn pointer(&self, place: Place) -> String {
        let steps: Vec<Step> = self.steps(place).collect();
        let mut pointer = String::with_capacity(steps.len() * 10);
        for step in steps.into_iter().rev() {
            // Writing into a String cannot fail.
            _ = match step {
                Step::Root => Ok(()),
                Step::Items => pointer.write_str("/items"),
                Step::Values => pointer.write_str("/values"),
                Step::Field(index) => write!(pointer, "/fields/{index}"),
                Step::FieldType(index) => write!(pointer, "/fields/{index}/type"),
                Step::Branch(index) => write!(pointer, "/{index}"),
                Step::Name => pointer.write_str("/name"),
                Step::Size => pointer.write_str("/size"),
                Step::Symbols => pointer.write_str("/symbols"),
            };
        }
        if pointer.is_empty() {
            pointer.push('/');
        }
        pointer
    }
}
