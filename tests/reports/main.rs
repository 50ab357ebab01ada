//! Reports of findings, read as those read them for whom they are written: by published schemas and rules, and by
//! parsers that are in use.

#[path = "../support/java_class.rs"]
mod java_class;
#[path = "../support/modules.rs"]
mod modules;
#[path = "../support/secrets.rs"]
#[allow(dead_code)]
mod secrets;
#[path = "../support/workspace.rs"]
#[allow(dead_code)]
mod workspace;

mod consumers;
mod diagnostics;
mod estate;
mod log;
mod runner;
mod test_results;
mod where_files;

#[test]
fn no_test_file_is_forgotten() {
    modules::assert_none_is_forgotten(file!());
}
