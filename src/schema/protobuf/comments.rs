use std::collections::HashMap;

use prost_reflect::prost_types::FileDescriptorProto;

/// The comments of a file that document something, by the path of what they document: what stands before it and on its
/// line. Detached comments document nothing.
pub struct Comments(HashMap<Vec<i32>, String>);

impl Comments {
    /// Those of a file.
    pub fn of(file: &FileDescriptorProto) -> Self {
        let locations = file.source_code_info.iter().flat_map(|info| &info.location);
        let comments = locations.filter_map(|location| {
            let parts = [&location.leading_comments, &location.trailing_comments];
            let lines = parts.into_iter().flatten().flat_map(|comment| comment.lines()).map(clean);
            let text = lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
            (!text.is_empty()).then(|| (location.path.clone(), text))
        });
        Self(comments.collect())
    }

    /// The comment on what is at `path`.
    pub fn at(&self, path: &[i32]) -> Option<&str> {
        self.0.get(path).map(String::as_str)
    }
}

/// Block comments keep the stars at the start of their lines.
fn clean(line: &str) -> &str {
    let line = line.trim();
    line.strip_prefix('*').map_or(line, str::trim)
}
