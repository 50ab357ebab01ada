use crate::resources::{Layer, Resolved, Workspace};
use crate::schema::{Category, Compatibility};
use crate::source::{Decode, Decoder, Node, Shape, Spanned, Value, closest};

/// What a new version of a schema must keep, as `compatibility` says it: a level, which the registry gets too, the
/// category of the second opinion, or a list of one of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CompatibilitySpec {
    /// The level.
    pub level: Option<Spanned<Compatibility>>,
    /// The category.
    pub category: Option<Spanned<Category>>,
}

impl Decode for CompatibilitySpec {
    fn decode(node: &Node, decoder: &mut Decoder) -> Option<Self> {
        let mut spec = Self::default();
        let items = match &node.value {
            Value::Sequence(items) => items.as_slice(),
            _ => std::slice::from_ref(node),
        };
        if items.is_empty() {
            decoder.bad_value(node.span, "the list is empty", "write a level, a category, or one of each");
            return None;
        }
        let mut is_good = true;
        for item in items {
            is_good &= spec.add(item, decoder);
        }
        is_good.then_some(spec)
    }

    fn shape() -> Shape {
        let words = [Compatibility::shape(), Category::shape()].into_iter().flat_map(|shape| match shape {
            Shape::Words(words) => words,
            _ => Vec::new(),
        });
        let word = Shape::Words(words.collect());
        Shape::OneOf(vec![word.clone(), word.list()])
    }
}

impl CompatibilitySpec {
    /// Takes a word in; says what is wrong where it cannot.
    fn add(&mut self, node: &Node, decoder: &mut Decoder) -> bool {
        let Some(word) = node.scalar() else {
            decoder.wrong_type(node, "a word (compatibility level or category of the second opinion)");
            return false;
        };
        let is_second = if let Some((_, level)) = Compatibility::WORDS.iter().find(|(known, _)| *known == word) {
            self.level.replace(Spanned::new(*level, node.span)).is_some()
        } else if let Some((_, category)) = Category::WORDS.iter().find(|(known, _)| *known == word) {
            self.category.replace(Spanned::new(*category, node.span)).is_some()
        } else {
            let levels: Vec<&str> = Compatibility::WORDS.iter().map(|(word, _)| *word).collect();
            let categories: Vec<&str> = Category::WORDS.iter().map(|(word, _)| *word).collect();
            let near = closest(word, levels.iter().chain(&categories).copied());
            let near = near.map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
            let help = format!("{near}levels are {}; categories {}", levels.join(", "), categories.join(", "));
            let what = "is neither a compatibility level nor a category of the second opinion";
            decoder.bad_value(node.span, format!("`{word}` {what}"), help);
            return false;
        };
        if is_second {
            decoder.bad_value(
                node.span,
                format!("`{word}` is the second of its sort"),
                "write one level, such as backward, and one category, such as wire",
            );
        }
        !is_second
    }
}

/// The level that a subject should have: its own, or the bus's.
pub(crate) fn resolve_level(workspace: &Workspace, own: Option<CompatibilitySpec>) -> Resolved<Compatibility> {
    let written = [(Layer::BusDefaults, of_bus(workspace)), (Layer::Topic, own)];
    Resolved::strongest(Compatibility::Backward, written.map(|(layer, spec)| (layer, spec.and_then(|spec| spec.level))))
}

/// How far the second opinion on a subject goes: what its own manifest says, or the bus; otherwise to records in JSON.
/// Where nothing says it and the level is `none`, anything goes, and nobody is asked.
pub(crate) fn resolve_category(workspace: &Workspace, own: Option<CompatibilitySpec>) -> Resolved<Option<Category>> {
    let is_asked = resolve_level(workspace, own).value != Compatibility::None;
    let written = [(Layer::BusDefaults, of_bus(workspace)), (Layer::Topic, own)];
    let category = |spec: CompatibilitySpec| spec.category.map(|word| Spanned::new(Some(word.value), word.span));
    Resolved::strongest(
        is_asked.then_some(Category::WireJson),
        written.map(|(layer, spec)| (layer, spec.and_then(category))),
    )
}

fn of_bus(workspace: &Workspace) -> Option<CompatibilitySpec> {
    workspace.settings.defaults.as_ref().and_then(|defaults| defaults.compatibility)
}
