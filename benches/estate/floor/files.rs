//! What any check of a workspace must do at least: read every file and parse it.

use std::fs;
use std::path::{Path, PathBuf};

use granit_parser::Parser;
use rayon::prelude::*;

use crate::Outcome;

/// Reads and parses every file; answers how many there are.
pub fn read(folder: &Path) -> Outcome<usize> {
    let mut files = vec![folder.join("busctl.yaml")];
    for name in ["clusters", "topics", "acls", "schemas", "catalog"] {
        walk(&folder.join(name), &mut files)?;
    }
    files.par_iter().try_for_each(|file| parse(file))?;
    Ok(files.len())
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> Outcome<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            walk(&entry.path(), files)?;
        } else {
            files.push(entry.path());
        }
    }
    Ok(())
}

fn parse(file: &Path) -> Outcome<()> {
    let text = fs::read_to_string(file)?;
    if file.extension().is_some_and(|extension| extension == "avsc") {
        serde_json::from_str::<serde_json::Value>(&text)?;
    } else {
        Parser::new_from_str(&text).try_for_each(|event| event.map(drop))?;
    }
    Ok(())
}
