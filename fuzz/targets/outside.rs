#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| busctl_fuzz::outside::hold(data));
