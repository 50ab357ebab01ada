use std::collections::HashMap;

use crate::schema::text::Json;

/// A schema among those of both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct NodeId(pub(super) u32);

/// A schema as registries take it apart: one with a `type` and an `enum`, for example, is an `allOf` of the two.
#[derive(Debug)]
pub(super) struct Node<'s> {
    /// Its text.
    pub(super) json: &'s Json<'static>,
    /// The document that has it: 0 is the schema itself, the others are those of other subjects in their order.
    pub(super) document: usize,
    /// Whether title, description, default and id of the text count for this node: of a text that is taken apart, they
    /// count once.
    pub(super) annotated: bool,
    pub(super) body: Body<'s>,
}

impl Node<'_> {
    /// Whether its text lies in the schema itself and not in one of another subject.
    pub(super) fn is_inside(&self) -> bool {
        self.document == 0
    }
}

/// What a schema asks for.
#[derive(Debug)]
pub(super) enum Body<'s> {
    /// Anything: `{}` or `true`.
    Anything,
    /// Nothing: `false`.
    Nothing,
    Text(TextBody<'s>),
    Number(NumberBody<'s>),
    Boolean,
    Null,
    Object(Box<ObjectBody<'s>>),
    Array(Box<ArrayBody<'s>>),
    Enum(&'s Json<'static>),
    Const,
    Not(NodeId),
    /// `if`, `then` and `else`, into which registries do not look.
    Conditional,
    Combined(CombinedBody),
    /// What a `$ref` leads to.
    Reference(NodeId),
}

/// A schema of several.
#[derive(Debug)]
pub(super) struct CombinedBody {
    pub(super) criterion: Criterion,
    /// The schemas, each once.
    pub(super) parts: Vec<NodeId>,
    /// How many there are with repetitions.
    pub(super) written: usize,
    /// Whether they are what one schema without such a word was taken apart into.
    pub(super) is_taken_apart: bool,
}

impl CombinedBody {
    pub(super) fn new(criterion: Criterion, parts: Vec<NodeId>) -> Self {
        CombinedBody { criterion, written: parts.len(), parts, is_taken_apart: false }
    }
}

/// How many of the parts of a combined schema a value has to meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Criterion {
    All,
    Any,
    One,
}

impl Criterion {
    pub(super) const WORDS: [(&'static str, Criterion); 3] =
        [("allOf", Criterion::All), ("anyOf", Criterion::Any), ("oneOf", Criterion::One)];

    pub(super) fn keyword(self) -> &'static str {
        match self {
            Criterion::All => "allOf",
            Criterion::Any => "anyOf",
            Criterion::One => "oneOf",
        }
    }
}

type Value<'s> = Option<&'s Json<'static>>;

#[derive(Debug)]
pub(super) struct TextBody<'s> {
    pub(super) max_length: Value<'s>,
    pub(super) min_length: Value<'s>,
    pub(super) pattern: Value<'s>,
}

#[derive(Debug)]
pub(super) struct NumberBody<'s> {
    pub(super) whole: bool,
    pub(super) maximum: Value<'s>,
    pub(super) minimum: Value<'s>,
    pub(super) exclusive_maximum: Value<'s>,
    pub(super) exclusive_minimum: Value<'s>,
    pub(super) multiple_of: Value<'s>,
}

/// What an object or array may hold beyond what is listed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rest<'s> {
    /// The keyword.
    pub(super) json: Value<'s>,
    /// Whether there may be more at all.
    pub(super) allowed: bool,
    /// What the others must meet; `None` where that is nothing in particular.
    pub(super) schema: Option<NodeId>,
}

impl Rest<'_> {
    pub(super) fn is_open(&self) -> bool {
        self.allowed && self.schema.is_none()
    }
}

#[derive(Debug)]
pub(super) struct ObjectBody<'s> {
    pub(super) properties: Vec<(&'s str, NodeId)>,
    /// The place of each name in `properties`.
    pub(super) by_name: HashMap<&'s str, usize>,
    pub(super) required: HashMap<&'s str, &'s Json<'static>>,
    pub(super) patterns: Vec<(&'s str, NodeId)>,
    pub(super) additional: Rest<'s>,
    pub(super) unevaluated: Rest<'s>,
    pub(super) max_properties: Value<'s>,
    pub(super) min_properties: Value<'s>,
    /// Names that a property asks for.
    pub(super) dependent_names: Vec<(&'s str, &'s Json<'static>)>,
    /// Schemas that a property asks for.
    pub(super) dependent_schemas: Vec<(&'s str, NodeId)>,
}

impl<'s> ObjectBody<'s> {
    pub(super) fn property(&self, name: &str) -> Option<NodeId> {
        self.by_name.get(name).map(|index| self.properties[*index].1)
    }
}

#[derive(Debug)]
pub(super) struct ArrayBody<'s> {
    /// What every element must meet.
    pub(super) every: Option<NodeId>,
    /// What the elements at the first places must meet.
    pub(super) first: Vec<NodeId>,
    pub(super) additional: Rest<'s>,
    pub(super) unevaluated: Rest<'s>,
    pub(super) max_items: Value<'s>,
    pub(super) min_items: Value<'s>,
    pub(super) unique: Value<'s>,
}
