#![no_main]

use busctl_fuzz::{diag, model, plan, policy, render, resources, source};

// Not in the library: that takes minutes to build, and properties change more often than rooms do.
#[path = "../src/manifests.rs"]
mod manifests;

libfuzzer_sys::fuzz_target!(
    init: {
        // All in this thread: handing small inputs to others takes longer than trying them.
        let one = rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread();
        one.build_global().expect("nothing has run yet");
        // In the place of a hook that aborts: formatting catches what the formatter's library does not survive. What is
        // caught nowhere ends the run.
        std::panic::set_hook(Box::new(|panic| {
            let is_of_formatter =
                |file: &str| ["pretty_yaml", "yaml_parser", "tiny_pretty"].iter().any(|name| file.contains(name));
            if !panic.location().is_some_and(|place| is_of_formatter(place.file())) {
                eprintln!("{panic}\n{}", std::backtrace::Backtrace::force_capture());
            }
        }));
    },
    |data: &[u8]| manifests::hold(data)
);
