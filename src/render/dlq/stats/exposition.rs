//! Figures as monitoring systems read them.

use std::fmt;
use std::sync::Arc;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeGaugeValue, NoLabelSet, prometheus_text, text};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::{Registry, Unit};

use super::StatsDocument;
use crate::dlq::stats::Figures;
use crate::model::Timestamp;

/// A form in which metrics are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exposition {
    /// Prometheus' text format, version 0.0.4.
    Prometheus,
    /// OpenMetrics, version 1.0.0.
    OpenMetrics,
}

/// How an exporter has fared so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Scrapes {
    /// Whether the last look at the cluster went well.
    pub is_well: bool,
    /// When one went well last.
    pub last_success: Option<Timestamp>,
    /// How long the last one took, in milliseconds.
    pub millis: u64,
    /// How many have failed.
    pub failures: u64,
}

impl Exposition {
    /// What it is called in HTTP.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Prometheus => prometheus_text::CONTENT_TYPE,
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }

    /// Writes the figures of a cluster, where they are known, and how the exporter fares, where it is one.
    pub fn write(self, cluster: &str, figures: Option<&Arc<StatsDocument>>, scrapes: Option<Scrapes>) -> String {
        let mut registry = Registry::default();
        let of = Metrics { cluster: cluster.to_owned(), figures: figures.cloned(), scrapes };
        registry.register_collector(Box::new(of));
        let mut out = String::new();
        // Nothing can fail: it is written into memory, and no value says that it cannot be written.
        let written = match self {
            Self::Prometheus => prometheus_text::encode(&mut out, &registry),
            Self::OpenMetrics => text::encode(&mut out, &registry),
        };
        debug_assert!(written.is_ok());
        out
    }
}

#[derive(Debug)]
struct Metrics {
    cluster: String,
    figures: Option<Arc<StatsDocument>>,
    scrapes: Option<Scrapes>,
}

/// A metric: its name without unit, its unit, what it means.
type About = (&'static str, Option<&'static str>, &'static str);

/// Labels of a sample.
type Labels<'l> = Vec<(&'static str, &'l str)>;

impl Collector for Metrics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        if let Some(document) = &self.figures {
            self.queues(&document.queues, &mut encoder)?;
        }
        if let Some(scrapes) = self.scrapes {
            self.scrapes(scrapes, &mut encoder)?;
        }
        Ok(())
    }
}

impl Metrics {
    fn labels<'l>(&'l self, queue: &'l Figures) -> Labels<'l> {
        vec![("cluster", &self.cluster), ("topic", &queue.topic)]
    }

    fn queues(&self, all: &[Figures], encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let queues: Vec<&Figures> = all.iter().filter(|queue| queue.unseen.is_none()).collect();
        self.info(all, encoder)?;
        self.gauge(
            encoder,
            ("busctl_dlq_visible", None, "Whether the queue is there and may be seen"),
            all.iter().map(|queue| (self.labels(queue), u64::from(queue.unseen.is_none()))),
        )?;
        self.each(
            encoder,
            &queues,
            ("busctl_dlq_depth", Some("records"), "Records that wait for a decision"),
            |queue| Some(queue.depth),
        )?;
        self.each(
            encoder,
            &queues,
            ("busctl_dlq_oldest_age", Some("seconds"), "Age of the first record that waits; 0 where none does"),
            |queue| Some(queue.oldest_age_seconds.unwrap_or(0)),
        )?;
        self.each(
            encoder,
            &queues,
            ("busctl_dlq_returned", Some("records"), "Records that came back after they had been sent again"),
            |queue| Some(queue.returned),
        )?;
        self.each(
            encoder,
            &queues,
            (
                "busctl_dlq_other_groups",
                Some("records"),
                "Records that wait and failed for a reason that is not among the groups",
            ),
            |queue| Some(queue.other_groups),
        )?;
        self.each(
            encoder,
            &queues,
            (
                "busctl_dlq_origin",
                Some("ratio"),
                "Share of the origin's records of the last day that became dead letters",
            ),
            |queue| queue.ratio,
        )?;
        self.each(
            encoder,
            &queues,
            ("busctl_dlq_return", Some("ratio"), "Share of what was sent again that came back"),
            |queue| queue.return_ratio,
        )?;
        self.each(
            encoder,
            &queues,
            ("busctl_dlq_redrive_success", Some("ratio"), "Share of what was sent again that did not come back"),
            |queue| queue.redrive_success_ratio,
        )?;
        let more = |queue, name, value| [self.labels(queue), vec![(name, value)]].concat();
        let windows = |queue: &&'_ Figures| [("1h", queue.last_hour), ("1d", queue.last_day)];
        self.gauge(
            encoder,
            (
                "busctl_dlq_arrivals",
                Some("records"),
                "Records that came in the last hour and in the last day, by their timestamps",
            ),
            queues
                .iter()
                .flat_map(|queue| windows(queue).map(|(window, count)| (more(queue, "window", window), count))),
        )?;
        let bounds = |queue: &&'_ Figures| [("at_least", queue.expired.at_least), ("at_most", queue.expired.at_most)];
        self.gauge(
            encoder,
            (
                "busctl_dlq_expired",
                Some("records"),
                "Records that were removed before anybody decided what becomes of them",
            ),
            queues.iter().flat_map(|queue| bounds(queue).map(|(bound, count)| (more(queue, "bound", bound), count))),
        )?;
        self.thresholds(&queues, encoder)?;
        self.counter(
            encoder,
            ("busctl_dlq_offsets", None, "Offsets that were written: records, and what takes an offset besides"),
            queues.iter().map(|queue| (self.labels(queue), queue.written)),
        )?;
        let fates = |queue: &&'_ Figures| {
            let Figures { redriven, parked, discarded, restored, .. } = **queue;
            [("redriven", redriven), ("parked", parked), ("discarded", discarded), ("restored", restored)]
        };
        self.counter(
            encoder,
            ("busctl_dlq_settled", Some("records"), "Records by what became of them"),
            queues.iter().flat_map(|queue| fates(queue).map(|(fate, count)| (more(queue, "fate", fate), count))),
        )?;
        self.waits(&queues, encoder)?;
        self.groups(&queues, encoder)
    }

    /// How much is too much, each with the labels of what it is compared with.
    fn thresholds(&self, queues: &[&Figures], encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        self.each(
            encoder,
            queues,
            ("busctl_dlq_threshold_depth", Some("records"), "The most records that may wait (max_depth)"),
            |queue| queue.thresholds.depth.map(u64::from),
        )?;
        self.each(
            encoder,
            queues,
            (
                "busctl_dlq_threshold_oldest_age",
                Some("seconds"),
                "How old the first record that waits may be (max_age)",
            ),
            |queue| queue.thresholds.oldest_age_seconds,
        )?;
        let windows = |queue: &Figures| [("1h", queue.thresholds.last_hour), ("1d", queue.thresholds.last_day)];
        let samples = queues.iter().flat_map(|queue| {
            let window = move |(window, most): (&'static str, Option<f64>)| {
                Some(([self.labels(queue), vec![("window", window)]].concat(), most?))
            };
            windows(queue).into_iter().filter_map(window)
        });
        self.gauge(
            encoder,
            (
                "busctl_dlq_threshold_arrivals",
                Some("records"),
                "The most records that may come in an hour, or in a day (max_rate)",
            ),
            samples,
        )?;
        self.each(
            encoder,
            queues,
            (
                "busctl_dlq_threshold_origin",
                Some("ratio"),
                "The largest share of the origin's records that may become dead letters (max_ratio)",
            ),
            |queue| queue.thresholds.ratio,
        )
    }

    fn info(&self, queues: &[Figures], encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        if queues.is_empty() {
            return Ok(());
        }
        let help = "Where the records of the queue come from, and who answers for them";
        let mut metric = encoder.encode_descriptor("busctl_dlq_queue", help, None, MetricType::Info)?;
        for queue in queues {
            let mut labels = self.labels(queue);
            let more = [("origin", &queue.origin), ("service", &queue.service), ("owner", &queue.owner)];
            labels.extend(more.map(|(name, value)| (name, value.as_deref().unwrap_or_default())));
            metric.encode_info(&labels)?;
        }
        Ok(())
    }

    fn waits(&self, queues: &[&Figures], encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        if queues.is_empty() {
            return Ok(());
        }
        let unit = Unit::Seconds;
        let help = "How long records waited until it was decided what becomes of them";
        let mut metric =
            encoder.encode_descriptor("busctl_dlq_time_to_triage", help, Some(&unit), MetricType::Histogram)?;
        for queue in queues {
            let waits = &queue.waits;
            let labels = self.labels(queue);
            metric.encode_family(&labels)?.encode_histogram::<NoLabelSet>(
                waits.sum(),
                waits.count(),
                &waits.buckets(),
                None,
            )?;
        }
        Ok(())
    }

    fn groups(&self, queues: &[&Figures], encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let names: Vec<_> = queues
            .iter()
            .flat_map(|queue| queue.groups.iter().map(move |pile| (queue, pile, pile.fingerprint.to_string())))
            .collect();
        let samples = names.iter().map(|(queue, pile, fingerprint)| {
            let mut labels = self.labels(queue);
            labels.extend([("fingerprint", &**fingerprint), ("verdict", pile.verdict.as_str())]);
            labels.push(("class", pile.class.as_deref().unwrap_or_default()));
            (labels, pile.waiting)
        });
        self.gauge(
            encoder,
            ("busctl_dlq_group", Some("records"), "Records that wait, by why they failed: the most frequent reasons"),
            samples,
        )
    }

    fn scrapes(&self, scrapes: Scrapes, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let one = || vec![("cluster", &*self.cluster)];
        let success = scrapes.last_success.map(|time| (one(), time.unix_millis() as f64 / 1_000.0));
        self.gauge(
            encoder,
            ("busctl_dlq_scrape_success", None, "Whether the last look at the cluster went well"),
            [(one(), u64::from(scrapes.is_well))],
        )?;
        self.gauge(
            encoder,
            (
                "busctl_dlq_last_success_timestamp",
                Some("seconds"),
                "When a look at the cluster went well last, since 1970",
            ),
            success,
        )?;
        self.gauge(
            encoder,
            ("busctl_dlq_scrape_duration", Some("seconds"), "How long the last look at the cluster took"),
            [(one(), scrapes.millis as f64 / 1_000.0)],
        )?;
        self.counter(
            encoder,
            ("busctl_dlq_scrape_failures", None, "Looks at the cluster that failed"),
            [(one(), scrapes.failures)],
        )
    }

    /// A gauge of each queue that has a value.
    fn each<V: EncodeGaugeValue>(
        &self,
        encoder: &mut DescriptorEncoder<'_>,
        queues: &[&Figures],
        about: About,
        value: impl Fn(&Figures) -> Option<V>,
    ) -> fmt::Result {
        self.gauge(encoder, about, queues.iter().filter_map(|queue| Some((self.labels(queue), value(queue)?))))
    }

    fn gauge<'l, V: EncodeGaugeValue>(
        &self,
        encoder: &mut DescriptorEncoder<'_>,
        (name, unit, help): About,
        samples: impl IntoIterator<Item = (Labels<'l>, V)>,
    ) -> fmt::Result {
        let mut samples = samples.into_iter().peekable();
        if samples.peek().is_none() {
            return Ok(());
        }
        let unit = unit.map(|unit| Unit::Other(unit.to_owned()));
        let mut metric = encoder.encode_descriptor(name, help, unit.as_ref(), MetricType::Gauge)?;
        samples.try_for_each(|(labels, value)| metric.encode_family(&labels)?.encode_gauge(&value))
    }

    fn counter<'l>(
        &self,
        encoder: &mut DescriptorEncoder<'_>,
        (name, unit, help): About,
        samples: impl IntoIterator<Item = (Labels<'l>, u64)>,
    ) -> fmt::Result {
        let mut samples = samples.into_iter().peekable();
        if samples.peek().is_none() {
            return Ok(());
        }
        let unit = unit.map(|unit| Unit::Other(unit.to_owned()));
        let mut metric = encoder.encode_descriptor(name, help, unit.as_ref(), MetricType::Counter)?;
        samples.try_for_each(|(labels, value)| {
            metric.encode_family(&labels)?.encode_counter::<NoLabelSet, _, f64>(&value, None)
        })
    }
}
