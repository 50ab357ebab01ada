use crate::render::dlq::stats::Exposition;

/// The form of metrics that who asks likes best, by the `Accept` of its request (RFC 9110, 12.5.1). Who does not say it, or takes
/// neither, is given what every reader knows.
pub fn preferred(accept: &str) -> Exposition {
    let (mut open, mut text) = (0.0_f32, 0.0_f32);
    for range in accept.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let kind = parts.next().unwrap_or_default();
        let parameters: Vec<(&str, &str)> = parts.filter_map(|part| part.split_once('=')).collect();
        let of = |name: &str| parameters.iter().find(|(of, _)| of.eq_ignore_ascii_case(name)).map(|(_, value)| *value);
        let weight = of("q").map_or(1.0, |q| q.parse().unwrap_or(0.0));
        let version = of("version").map(|version| version.trim_matches('"'));
        match kind.to_ascii_lowercase().as_str() {
            "application/openmetrics-text" if version.is_none_or(|version| version.starts_with("1.")) => {
                open = open.max(weight);
            }
            "text/plain" | "text/*" | "*/*" => text = text.max(weight),
            _ => {}
        }
    }
    if open > 0.0 && open >= text { Exposition::OpenMetrics } else { Exposition::Prometheus }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks_gets_what_it_likes_best() {
        // What Prometheus 3 sends.
        let prometheus = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,\
                          application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;q=0.4,\
                          text/plain;version=0.0.4;q=0.3,*/*;q=0.2";
        for (accept, expected) in [
            (prometheus, Exposition::OpenMetrics),
            ("", Exposition::Prometheus),
            ("*/*", Exposition::Prometheus),
            ("text/html,application/xhtml+xml,*/*;q=0.8", Exposition::Prometheus),
            ("application/openmetrics-text", Exposition::OpenMetrics),
            ("application/openmetrics-text; version=0.0.1", Exposition::Prometheus),
            ("application/openmetrics-text;q=0", Exposition::Prometheus),
            ("text/plain;q=0.9, application/openmetrics-text;q=0.5", Exposition::Prometheus),
            (";;;=,q=x;q=,", Exposition::Prometheus),
        ] {
            assert_eq!(preferred(accept), expected, "{accept}");
        }
    }
}
