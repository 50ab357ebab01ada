use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

use super::{SecretText, masked, secrets, without_secrets};

/// A file that was read, as an index into [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FileId(pub u32);

/// A range of bytes in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte.
    pub end: u32,
}

impl Span {
    /// The range `start..end` of `file`, in bytes.
    pub fn new(file: FileId, start: usize, end: usize) -> Self {
        let clamp = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { file, start: clamp(start), end: clamp(end.max(start)) }
    }

    /// The whole of a file, for findings that have no narrower place.
    pub fn whole(file: FileId) -> Self {
        Self { file, start: 0, end: 0 }
    }
}

/// A value together with the place where it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// A value and its place.
    pub fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }

    /// The same place with the value mapped.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Spanned<U> {
        Spanned { value: f(self.value), span: self.span }
    }
}

impl<T> std::ops::Deref for Spanned<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

/// A file of the workspace: its path as shown to people, and its text.
#[derive(Debug, Clone)]
pub struct File {
    /// Path relative to the workspace's root.
    pub path: PathBuf,
    /// The text, empty where the file could not be read.
    pub text: Arc<str>,
    /// Where it is not the workspace's own: the commit or snapshot that it is from, as people named it.
    pub origin: Option<Arc<str>>,
    /// What in it looks like a secret, once somebody asked.
    secrets: OnceLock<Box<[SecretText]>>,
    /// What is hidden whatever it looks like.
    told: Arc<[SecretText]>,
    /// The text without them, where there are some.
    masked: OnceLock<Box<str>>,
}

impl File {
    /// The path as people read it, without what looks like a secret in it; of another commit as Git writes it,
    /// `main:topics/a.yaml`.
    pub fn shown(&self) -> String {
        let path = without_secrets(self.path.to_string_lossy().into_owned());
        match &self.origin {
            Some(origin) => format!("{origin}:{path}"),
            None => path,
        }
    }

    /// What looks like a secret in it.
    pub fn secrets(&self) -> &[SecretText] {
        self.secrets.get_or_init(|| secrets(&self.text).into())
    }

    /// What of it is shown nowhere: what looks like a secret, and what was [hidden](Sources::hide) beside.
    pub fn hidden(&self) -> impl Iterator<Item = &SecretText> {
        self.secrets().iter().chain(&*self.told)
    }

    /// The same; what looks like a secret only where somebody has looked.
    pub fn known_hidden(&self) -> impl Iterator<Item = &SecretText> {
        self.secrets.get().into_iter().flatten().chain(&*self.told)
    }

    /// The text as it may be shown: secrets are stars. Every place is as in the text.
    pub fn without_secrets(&self) -> &str {
        match (self.secrets(), &*self.told) {
            ([], []) => &self.text,
            (secrets, told) => self.masked.get_or_init(|| masked(&self.text, &[secrets, told].concat()).into()),
        }
    }
}

/// Every file that was read, so that places can be shown with their line.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// Every file that a place may be in, by its index.
    files: Vec<Arc<File>>,
    /// Those of this workspace, in the order in which they were read. Others are of one that it is compared with.
    own: Vec<FileId>,
    /// Where each path of an own file stands first, once somebody asked.
    by_path: OnceLock<HashMap<PathBuf, FileId>>,
}

/// A place as people write it: `file:line:column`, both counted from one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// Path relative to the workspace's root.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

impl Sources {
    /// No files yet of a workspace that another one is compared with: some of its files may be [the same](Self::share), and
    /// the indexes of others begin behind those.
    pub fn beside(others: &Sources) -> Self {
        Self { files: others.files.clone(), ..Self::default() }
    }

    /// Adds a file and returns its index.
    pub fn add(&mut self, path: impl Into<PathBuf>, text: impl Into<Arc<str>>) -> FileId {
        let id = FileId(self.files.len() as u32);
        self.files.push(Arc::new(File {
            path: path.into(),
            text: text.into(),
            origin: None,
            secrets: OnceLock::new(),
            told: Arc::default(),
            masked: OnceLock::new(),
        }));
        self.share(id);
        id
    }

    /// Adds a file that is none of the workspace's, so that its places can be shown, and returns its index.
    pub fn add_foreign(&mut self, path: impl Into<PathBuf>, text: impl Into<Arc<str>>) -> FileId {
        let id = self.add(path, text);
        self.own.pop();
        id
    }

    /// Hides these places of a file wherever it is shown, beside what looks like a secret.
    pub fn hide(&mut self, id: FileId, spans: &[Span]) {
        let file = &self.files[id.0 as usize];
        let length = file.text.len();
        let told = spans.iter().map(|span| SecretText {
            range: (span.start as usize).min(length)..(span.end as usize).min(length),
            what: "a secret",
        });
        let told = file.told.iter().cloned().chain(told).collect();
        self.files[id.0 as usize] = Arc::new(File { told, masked: OnceLock::new(), ..File::clone(file) });
    }

    /// Takes a file of the others for one of these, too.
    pub fn share(&mut self, id: FileId) {
        self.own.push(id);
        self.by_path.take();
    }

    /// Adds the files that another workspace has [beside](Self::beside) these, so that its places can be shown beside the own
    /// ones.
    pub fn append(&mut self, others: &Sources, origin: &Arc<str>) {
        let new = others.files.iter().skip(self.files.len());
        let named = |file: &Arc<File>| Arc::new(File { origin: Some(origin.clone()), ..File::clone(file) });
        self.files.extend(new.map(named));
    }

    /// The file behind an index.
    pub fn file(&self, id: FileId) -> &File {
        &self.files[id.0 as usize]
    }

    /// The same, for an index that may be of other sources.
    pub fn get(&self, id: FileId) -> Option<&File> {
        self.files.get(id.0 as usize).map(|file| &**file)
    }

    /// The index of a path that was read.
    pub fn find(&self, path: &Path) -> Option<FileId> {
        let by_path = self.by_path.get_or_init(|| {
            let mut by_path = HashMap::with_capacity(self.own.len());
            for (id, file) in self.iter() {
                by_path.entry(file.path.clone()).or_insert(id);
            }
            by_path
        });
        by_path.get(path).copied()
    }

    /// The workspace's own files, in the order in which they were read.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &File)> {
        self.own.iter().map(|id| (*id, self.file(*id)))
    }

    /// Every file by its index, also those of a workspace that this one is compared with.
    pub fn all(&self) -> impl Iterator<Item = &File> {
        self.files.iter().map(|file| &**file)
    }

    /// Where a place of a workspace's own file is: from there to the end of its word. `None` where the file was not read or
    /// has no such line.
    pub fn span_of(&self, place: &Place) -> Option<Span> {
        let id = self.find(Path::new(&place.file))?;
        let text = &self.file(id).text;
        let before = usize::try_from(place.line.checked_sub(1)?).ok()?;
        let start: usize = text.split_inclusive('\n').take(before).map(str::len).sum();
        let line = text[start..].split_inclusive('\n').next()?;
        let (column, _) = line.char_indices().nth(place.column.checked_sub(1)? as usize)?;
        let is_end = |c: char| c.is_whitespace() || matches!(c, ',' | '}' | ']');
        let length = line[column..].find(is_end).unwrap_or(line.len() - column);
        Some(Span::new(id, start + column, start + column + length))
    }

    /// Line and column of the start of `span`.
    pub fn place(&self, span: Span) -> Place {
        let file = self.file(span.file);
        let mut offset = (span.start as usize).min(file.text.len());
        while !file.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let before = &file.text[..offset];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Place {
            file: file.shown(),
            line: before.matches('\n').count() as u32 + 1,
            column: before[line_start..].chars().count() as u32 + 1,
        }
    }
}
