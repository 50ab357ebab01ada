#![no_main]

use busctl_fuzz::properties;
use busctl_fuzz::schema::SchemaFormat;

libfuzzer_sys::fuzz_target!(|data: &[u8]| properties::hold(SchemaFormat::Avro, data));
