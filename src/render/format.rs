/// How a result is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Format {
    /// For people in front of a terminal.
    #[default]
    Text,
    /// For programs; each document has a `format_version` and a published JSON Schema.
    Json,
    /// For comments on pull requests.
    Markdown,
}

/// What the reader's terminal can show. Nothing here is looked up: the caller knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether to write ANSI colours.
    pub color: bool,
    /// Columns of the terminal.
    pub width: usize,
}

impl Style {
    /// No colours, a hundred columns: for files and pipes.
    pub const PLAIN: Self = Self { color: false, width: 100 };
}

/// A result that can be written in every format.
pub trait View {
    /// For people in front of a terminal.
    fn text(&self, style: Style) -> String;

    /// For programs: pretty-printed, with a newline at the end.
    fn json(&self) -> String;

    /// For comments on pull requests.
    fn markdown(&self) -> String;

    /// In the format that was asked for.
    fn render(&self, format: Format, style: Style) -> String {
        match format {
            Format::Text => self.text(style),
            Format::Json => self.json(),
            Format::Markdown => self.markdown(),
        }
    }
}
