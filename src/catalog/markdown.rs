mod bus;
mod parties;
mod schema;
mod topic;

use super::escape::{paragraphs, row, text};
use super::model::Model;
use super::outline::{Outline, Target};

/// The catalog as one page of Markdown.
pub fn page(model: &Model<'_>) -> String {
    let outline = Outline::of(model);
    let mut page = Page { outline: &outline, markdown: String::new() };
    bus::introduction(&mut page, model);
    for domain in &model.domains {
        topic::domain(&mut page, domain, model);
    }
    schema::shared(&mut page, &model.shared);
    parties::services(&mut page, model);
    parties::roles(&mut page, model);
    parties::teams(&mut page, model);
    page.markdown
}

/// The page as far as it is written. Each part ends with an empty line behind it, save the last.
struct Page<'m> {
    outline: &'m Outline<'m>,
    markdown: String,
}

impl Page<'_> {
    fn block(&mut self, markdown: &str) {
        if markdown.is_empty() {
            return;
        }
        if !self.markdown.is_empty() {
            self.markdown.push('\n');
        }
        self.markdown.push_str(markdown.trim_end_matches('\n'));
        self.markdown.push('\n');
    }

    fn heading(&mut self, target: Target<'_>) {
        let title = text(&target.title());
        self.block(&format!("{} {title}", "#".repeat(target.level())));
    }

    /// Text of a manifest with its paragraphs.
    fn prose(&mut self, raw: Option<&str>) {
        self.block(&paragraphs(raw.unwrap_or_default()));
    }

    /// A remark that must not be overlooked.
    fn note(&mut self, markdown: &str) {
        self.block(&format!("> {markdown}"));
    }

    fn table(&mut self, header: &[&str], rows: &[Vec<String>]) {
        if rows.is_empty() {
            return;
        }
        let header: Vec<_> = header.iter().map(|title| (*title).to_owned()).collect();
        let rule = format!("|{}\n", " --- |".repeat(header.len()));
        let rows: String = rows.iter().map(|cells| row(cells)).collect();
        self.block(&format!("{}{rule}{rows}", row(&header)));
    }

    /// A table of facts, a name and a value each; facts without a value are left out.
    fn facts(&mut self, facts: Vec<(&str, String)>) {
        let known = facts.into_iter().filter(|(_, value)| !value.is_empty());
        let rows: Vec<_> = known.map(|(name, value)| vec![format!("**{name}**"), value]).collect();
        self.table(&["", ""], &rows);
    }

    /// A flow, where there is one.
    fn flow(&mut self, flow: Option<String>) {
        if let Some(flow) = flow {
            self.block(&format!("```mermaid\n{flow}```"));
        }
    }

    /// A name with a link to its heading, where it has one.
    fn link(&self, target: Target<'_>) -> String {
        self.link_as(target, &text(&target.title()))
    }

    fn link_as(&self, target: Target<'_>, label: &str) -> String {
        match self.outline.anchor(target) {
            Some(anchor) => format!("[{label}](#{anchor})"),
            None => label.to_owned(),
        }
    }
}

/// A number with its thousands apart.
fn thousands(number: u32) -> String {
    let digits = number.to_string();
    let mut apart = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            apart.push(',');
        }
        apart.push(digit);
    }
    apart
}

#[cfg(test)]
mod tests {
    #[test]
    fn thousands_are_apart() {
        assert_eq!([7, 999, 5000, 1_234_567].map(super::thousands), ["7", "999", "5,000", "1,234,567"]);
    }
}
