use std::ops::Range;

use crate::schema::text::{Json, Value};

/// A value of the canonical form, which has one spelling of everything, and the same one in the text, which has the
/// places.
#[derive(Clone, Copy)]
pub(in crate::schema) struct Twin<'j> {
    /// The value in the canonical form.
    pub form: &'j Json<'j>,
    text: Option<&'j Json<'j>>,
    /// The nearest value around it that is in the text.
    around: &'j Json<'j>,
}

impl<'j> Twin<'j> {
    /// Two whole documents.
    pub fn new(form: &'j Json<'j>, text: &'j Json<'j>) -> Self {
        Self { form, text: Some(text), around: text }
    }

    /// All of its bytes.
    pub fn range(self) -> Range<usize> {
        self.text.unwrap_or(self.around).range.clone()
    }

    /// What a message points at: a whole object would be a page.
    pub fn place(self) -> Range<usize> {
        let json = self.text.unwrap_or(self.around);
        match (json.get("name"), &json.value) {
            (Some(name), _) => name.range.clone(),
            (None, Value::Object(_) | Value::Array(_)) => json.range.start..json.range.start + 1,
            _ => json.range.clone(),
        }
    }

    fn below(self, form: &'j Json<'j>, text: Option<&'j Json<'j>>) -> Self {
        Self { form, text, around: self.text.unwrap_or(self.around) }
    }

    /// The value of a key.
    pub fn get(self, key: &str) -> Option<Self> {
        Some(self.below(self.form.get(key)?, self.text.and_then(|json| json.get(key))))
    }

    /// The elements of an array whose order is kept.
    pub fn items(self) -> impl Iterator<Item = Self> {
        let texts = self.text.and_then(Json::as_array).unwrap_or_default();
        let forms = self.form.as_array().unwrap_or_default();
        forms.iter().enumerate().map(move |(at, form)| self.below(form, texts.get(at)))
    }

    /// The elements of an array as the text has them, where the canonical form may have another order.
    pub fn written(self) -> &'j [Json<'j>] {
        self.text.and_then(Json::as_array).unwrap_or_default()
    }

    /// The members of an object, in the order of the text as far as they are there, with their keys and where these stand.
    pub fn members(self) -> Vec<(&'j str, Range<usize>, Self)> {
        let mut forms: Vec<_> = self.form.as_object().unwrap_or_default().iter().collect();
        let mut texts: Vec<_> = self.text.and_then(Json::as_object).unwrap_or_default().iter().collect();
        // Both are sorted and gone through once: an object may have a hundred thousand members.
        forms.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        texts.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        let mut texts = texts.into_iter().peekable();
        let mut members = Vec::with_capacity(forms.len());
        for member in forms {
            while texts.next_if(|text| text.key < member.key).is_some() {}
            let text = texts.next_if(|text| text.key == member.key);
            let value = self.below(&member.value, text.map(|text| &text.value));
            members.push((&*member.key, text.map_or_else(|| value.place(), |text| text.key_range.clone()), value));
        }
        members.sort_by_key(|(_, range, _)| range.start);
        members
    }
}
