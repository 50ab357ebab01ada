//! Servers that are built once with Go and kept in the cache of the local bus's servers.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use busctl::localbus::Host;

use super::issuer::skip;

/// A program that Go builds.
pub struct GoProgram {
    /// What people call it.
    pub title: &'static str,
    /// The name of its file.
    pub name: &'static str,
    /// The version that its `go.mod` pins.
    pub version: &'static str,
    /// Its package.
    pub package: &'static str,
    /// The tags that it is built with.
    pub tags: &'static str,
    /// What it is made of: `go.mod`, `go.sum`, `tools.go`.
    pub module: [&'static str; 3],
    /// How long that takes.
    pub takes: &'static str,
}

impl GoProgram {
    /// The program, built where it is not in the cache yet. None, and a loud line, where there is no Go; in CI that is a
    /// failure.
    pub fn find(&self) -> Option<PathBuf> {
        let host = Host::from_environment().unwrap();
        let shelf = host.cache_dir.join(self.name);
        let program = shelf.join(self.version).join(self.name);
        if program.is_file() {
            return Some(program);
        }
        // Go's own installer puts it where no PATH has it by itself.
        let installed = || Some(PathBuf::from("/usr/local/go/bin/go")).filter(|go| go.is_file());
        let Some(go) = host.program("go").or_else(installed) else {
            let what = format!("the tests with {}", self.title);
            skip(&what, "it is not in the cache, and there is no go on the PATH to build it");
            return None;
        };
        fs::create_dir_all(&shelf).unwrap();
        let lock = File::options().create(true).append(true).open(shelf.join("build.lock")).unwrap();
        lock.lock().unwrap();
        // Whoever held the lock may have built it.
        if !program.is_file() {
            self.build(&go, &shelf, &program);
        }
        Some(program)
    }

    fn build(&self, go: &Path, shelf: &Path, program: &Path) {
        let module = shelf.join(".build");
        fs::create_dir_all(&module).unwrap();
        for (name, text) in ["go.mod", "go.sum", "tools.go"].iter().zip(self.module) {
            fs::write(module.join(name), text).unwrap();
        }
        eprintln!("building {} {} with {}, once: this takes {}", self.title, self.version, go.display(), self.takes);
        let mut command = Command::new(go);
        command.args(["build", "-mod=readonly", "-trimpath", "-ldflags=-s -w", "-tags", self.tags, "-o"]);
        let done = command.args([self.name, self.package]).current_dir(&module).output().unwrap();
        assert!(done.status.success(), "go build: {}", String::from_utf8_lossy(&done.stderr));
        fs::create_dir_all(program.parent().unwrap()).unwrap();
        fs::rename(module.join(self.name), program).unwrap();
        fs::remove_dir_all(&module).unwrap();
    }
}
