use std::sync::Arc;

use super::*;
use crate::dlq::stats::{Pile, ThresholdFigures, TimeToTriage, Waits};
use crate::dlq::{Expired, Fingerprint, Queue, Verdict};

fn figures(topic: &str) -> Figures {
    let name = topic.parse().expect("a topic's name");
    Figures::unseen(
        &Queue { topic: name, origin: None, service: None, owner: None, thresholds: None, is_declared: true },
        "not there",
    )
}

fn document() -> StatsDocument {
    let mut waits = Waits::default();
    [30_000, 7_200_000].into_iter().for_each(|millis| waits.add(millis));
    let pile = |of: &str, class: Option<&str>, waiting| Pile {
        fingerprint: Fingerprint::of(of),
        verdict: Verdict::Poison,
        class: class.map(str::to_owned),
        waiting,
    };
    let full = Figures {
        origin: Some("shop.order.v1".into()),
        service: Some("till".into()),
        owner: Some("shop \"one\"".into()),
        unseen: None,
        thresholds: ThresholdFigures {
            depth: Some(1_000),
            oldest_age_seconds: Some(3_600.0),
            last_hour: Some(600.0),
            last_day: None,
            ratio: Some(0.001),
        },
        depth: 1_204,
        oldest: Some(Timestamp::of_unix_millis(0)),
        oldest_age_seconds: Some(7_300),
        written: 2_000,
        last_hour: 3,
        last_day: 36,
        origin_last_day: Some(100_000),
        ratio: Some(0.00036),
        redriven: 8,
        parked: 1,
        discarded: 2,
        restored: 0,
        expired: Expired { at_least: 0, at_most: 9 },
        returned: 2,
        return_ratio: Some(0.25),
        redrive_success_ratio: Some(0.75),
        time_to_triage: Some(TimeToTriage { records: 2, median_seconds: 30, p95_seconds: 7_200 }),
        groups: vec![pile("a", Some("com.acme.Odd\"\\\nClass"), 1_200), pile("b", None, 3)],
        other_groups: 1,
        waits,
        ..figures("shop.order.v1.till.dlq")
    };
    StatsDocument::of("main", vec![figures("shop.gone.dlq"), full], Timestamp::of_unix_millis(7_300_000))
}

#[test]
fn people_read_a_table_and_why() {
    let document = document();
    let text = StatsView { document: &document }.text(Style::PLAIN);
    insta::assert_snapshot!(text, @r#"
    queue                   depth  oldest     last hour  per hour  of origin  redriven  came back  triaged in    expired
    shop.order.v1.till.dlq  1,204  2h                 3  1.5       0.036 %           8  25.0 %     30s (p95 2h)  at most 9
    shop.gone.dlq               -  not there          -  -         -                 -  -          -             -

    shop.order.v1.till.dlq
      1,200  ca978112ca1b poison, Odd"\ Class
      3  3e23e8160039 poison
      1  others

    2 dead-letter queues on main; 1,204 dead letters wait.
    "#);
    let markdown = StatsView { document: &document }.markdown();
    insta::assert_snapshot!(markdown, @r#"
    ### 2 dead-letter queues on main; 1,204 dead letters wait.

    | queue | depth | oldest | last hour | per hour | of origin | redriven | came back | triaged in | expired |
    | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
    | `shop.order.v1.till.dlq` | 1,204 | 2h | 3 | 1.5 | 0.036 % | 8 | 25.0 % | 30s (p95 2h) | at most 9 |
    | `shop.gone.dlq` | - | not there | - | - | - | - | - | - | - |
    "#);
}

#[test]
fn monitoring_systems_read_metrics() {
    let scrapes =
        Scrapes { is_well: true, last_success: Some(Timestamp::of_unix_millis(1_500)), millis: 250, failures: 3 };
    let document = Arc::new(document());
    let open = Exposition::OpenMetrics.write("main", Some(&document), Some(scrapes));
    insta::assert_snapshot!(open, @r#"
    # HELP busctl_dlq_queue Where the records of the queue come from, and who answers for them
    # TYPE busctl_dlq_queue info
    busctl_dlq_queue_info{cluster="main",topic="shop.order.v1.till.dlq",origin="shop.order.v1",service="till",owner="shop \"one\""} 1
    busctl_dlq_queue_info{cluster="main",topic="shop.gone.dlq",origin="",service="",owner=""} 1
    # HELP busctl_dlq_visible Whether the queue is there and may be seen
    # TYPE busctl_dlq_visible gauge
    busctl_dlq_visible{cluster="main",topic="shop.order.v1.till.dlq"} 1
    busctl_dlq_visible{cluster="main",topic="shop.gone.dlq"} 0
    # HELP busctl_dlq_depth_records Records that wait for a decision
    # TYPE busctl_dlq_depth_records gauge
    # UNIT busctl_dlq_depth_records records
    busctl_dlq_depth_records{cluster="main",topic="shop.order.v1.till.dlq"} 1204
    # HELP busctl_dlq_oldest_age_seconds Age of the first record that waits; 0 where none does
    # TYPE busctl_dlq_oldest_age_seconds gauge
    # UNIT busctl_dlq_oldest_age_seconds seconds
    busctl_dlq_oldest_age_seconds{cluster="main",topic="shop.order.v1.till.dlq"} 7300
    # HELP busctl_dlq_returned_records Records that came back after they had been sent again
    # TYPE busctl_dlq_returned_records gauge
    # UNIT busctl_dlq_returned_records records
    busctl_dlq_returned_records{cluster="main",topic="shop.order.v1.till.dlq"} 2
    # HELP busctl_dlq_other_groups_records Records that wait and failed for a reason that is not among the groups
    # TYPE busctl_dlq_other_groups_records gauge
    # UNIT busctl_dlq_other_groups_records records
    busctl_dlq_other_groups_records{cluster="main",topic="shop.order.v1.till.dlq"} 1
    # HELP busctl_dlq_origin_ratio Share of the origin's records of the last day that became dead letters
    # TYPE busctl_dlq_origin_ratio gauge
    # UNIT busctl_dlq_origin_ratio ratio
    busctl_dlq_origin_ratio{cluster="main",topic="shop.order.v1.till.dlq"} 0.00036
    # HELP busctl_dlq_return_ratio Share of what was sent again that came back
    # TYPE busctl_dlq_return_ratio gauge
    # UNIT busctl_dlq_return_ratio ratio
    busctl_dlq_return_ratio{cluster="main",topic="shop.order.v1.till.dlq"} 0.25
    # HELP busctl_dlq_redrive_success_ratio Share of what was sent again that did not come back
    # TYPE busctl_dlq_redrive_success_ratio gauge
    # UNIT busctl_dlq_redrive_success_ratio ratio
    busctl_dlq_redrive_success_ratio{cluster="main",topic="shop.order.v1.till.dlq"} 0.75
    # HELP busctl_dlq_arrivals_records Records that came in the last hour and in the last day, by their timestamps
    # TYPE busctl_dlq_arrivals_records gauge
    # UNIT busctl_dlq_arrivals_records records
    busctl_dlq_arrivals_records{cluster="main",topic="shop.order.v1.till.dlq",window="1h"} 3
    busctl_dlq_arrivals_records{cluster="main",topic="shop.order.v1.till.dlq",window="1d"} 36
    # HELP busctl_dlq_expired_records Records that were removed before anybody decided what becomes of them
    # TYPE busctl_dlq_expired_records gauge
    # UNIT busctl_dlq_expired_records records
    busctl_dlq_expired_records{cluster="main",topic="shop.order.v1.till.dlq",bound="at_least"} 0
    busctl_dlq_expired_records{cluster="main",topic="shop.order.v1.till.dlq",bound="at_most"} 9
    # HELP busctl_dlq_threshold_depth_records The most records that may wait (max_depth)
    # TYPE busctl_dlq_threshold_depth_records gauge
    # UNIT busctl_dlq_threshold_depth_records records
    busctl_dlq_threshold_depth_records{cluster="main",topic="shop.order.v1.till.dlq"} 1000
    # HELP busctl_dlq_threshold_oldest_age_seconds How old the first record that waits may be (max_age)
    # TYPE busctl_dlq_threshold_oldest_age_seconds gauge
    # UNIT busctl_dlq_threshold_oldest_age_seconds seconds
    busctl_dlq_threshold_oldest_age_seconds{cluster="main",topic="shop.order.v1.till.dlq"} 3600.0
    # HELP busctl_dlq_threshold_arrivals_records The most records that may come in an hour, or in a day (max_rate)
    # TYPE busctl_dlq_threshold_arrivals_records gauge
    # UNIT busctl_dlq_threshold_arrivals_records records
    busctl_dlq_threshold_arrivals_records{cluster="main",topic="shop.order.v1.till.dlq",window="1h"} 600.0
    # HELP busctl_dlq_threshold_origin_ratio The largest share of the origin's records that may become dead letters (max_ratio)
    # TYPE busctl_dlq_threshold_origin_ratio gauge
    # UNIT busctl_dlq_threshold_origin_ratio ratio
    busctl_dlq_threshold_origin_ratio{cluster="main",topic="shop.order.v1.till.dlq"} 0.001
    # HELP busctl_dlq_offsets Offsets that were written: records, and what takes an offset besides
    # TYPE busctl_dlq_offsets counter
    busctl_dlq_offsets_total{cluster="main",topic="shop.order.v1.till.dlq"} 2000
    # HELP busctl_dlq_settled_records Records by what became of them
    # TYPE busctl_dlq_settled_records counter
    # UNIT busctl_dlq_settled_records records
    busctl_dlq_settled_records_total{cluster="main",topic="shop.order.v1.till.dlq",fate="redriven"} 8
    busctl_dlq_settled_records_total{cluster="main",topic="shop.order.v1.till.dlq",fate="parked"} 1
    busctl_dlq_settled_records_total{cluster="main",topic="shop.order.v1.till.dlq",fate="discarded"} 2
    busctl_dlq_settled_records_total{cluster="main",topic="shop.order.v1.till.dlq",fate="restored"} 0
    # HELP busctl_dlq_time_to_triage_seconds How long records waited until it was decided what becomes of them
    # TYPE busctl_dlq_time_to_triage_seconds histogram
    # UNIT busctl_dlq_time_to_triage_seconds seconds
    busctl_dlq_time_to_triage_seconds_sum{cluster="main",topic="shop.order.v1.till.dlq"} 7230.0
    busctl_dlq_time_to_triage_seconds_count{cluster="main",topic="shop.order.v1.till.dlq"} 2
    busctl_dlq_time_to_triage_seconds_bucket{le="60.0",cluster="main",topic="shop.order.v1.till.dlq"} 1
    busctl_dlq_time_to_triage_seconds_bucket{le="300.0",cluster="main",topic="shop.order.v1.till.dlq"} 1
    busctl_dlq_time_to_triage_seconds_bucket{le="900.0",cluster="main",topic="shop.order.v1.till.dlq"} 1
    busctl_dlq_time_to_triage_seconds_bucket{le="3600.0",cluster="main",topic="shop.order.v1.till.dlq"} 1
    busctl_dlq_time_to_triage_seconds_bucket{le="14400.0",cluster="main",topic="shop.order.v1.till.dlq"} 2
    busctl_dlq_time_to_triage_seconds_bucket{le="86400.0",cluster="main",topic="shop.order.v1.till.dlq"} 2
    busctl_dlq_time_to_triage_seconds_bucket{le="259200.0",cluster="main",topic="shop.order.v1.till.dlq"} 2
    busctl_dlq_time_to_triage_seconds_bucket{le="604800.0",cluster="main",topic="shop.order.v1.till.dlq"} 2
    busctl_dlq_time_to_triage_seconds_bucket{le="1209600.0",cluster="main",topic="shop.order.v1.till.dlq"} 2
    busctl_dlq_time_to_triage_seconds_bucket{le="+Inf",cluster="main",topic="shop.order.v1.till.dlq"} 2
    # HELP busctl_dlq_group_records Records that wait, by why they failed: the most frequent reasons
    # TYPE busctl_dlq_group_records gauge
    # UNIT busctl_dlq_group_records records
    busctl_dlq_group_records{cluster="main",topic="shop.order.v1.till.dlq",fingerprint="ca978112ca1b",verdict="poison",class="com.acme.Odd\"\\\nClass"} 1200
    busctl_dlq_group_records{cluster="main",topic="shop.order.v1.till.dlq",fingerprint="3e23e8160039",verdict="poison",class=""} 3
    # HELP busctl_dlq_scrape_success Whether the last look at the cluster went well
    # TYPE busctl_dlq_scrape_success gauge
    busctl_dlq_scrape_success{cluster="main"} 1
    # HELP busctl_dlq_last_success_timestamp_seconds When a look at the cluster went well last, since 1970
    # TYPE busctl_dlq_last_success_timestamp_seconds gauge
    # UNIT busctl_dlq_last_success_timestamp_seconds seconds
    busctl_dlq_last_success_timestamp_seconds{cluster="main"} 1.5
    # HELP busctl_dlq_scrape_duration_seconds How long the last look at the cluster took
    # TYPE busctl_dlq_scrape_duration_seconds gauge
    # UNIT busctl_dlq_scrape_duration_seconds seconds
    busctl_dlq_scrape_duration_seconds{cluster="main"} 0.25
    # HELP busctl_dlq_scrape_failures Looks at the cluster that failed
    # TYPE busctl_dlq_scrape_failures counter
    busctl_dlq_scrape_failures_total{cluster="main"} 3
    # EOF
    "#);
    let prometheus = Exposition::Prometheus.write("main", Some(&document), Some(scrapes));
    let counters: String =
        prometheus.lines().filter(|line| line.contains("settled")).map(|line| format!("{line}\n")).collect();
    insta::assert_snapshot!(counters, @r#"
    # HELP busctl_dlq_settled_records_total Records by what became of them
    # TYPE busctl_dlq_settled_records_total counter
    busctl_dlq_settled_records_total{cluster="main",topic="shop.order.v1.till.dlq",fate="redriven"} 8
    busctl_dlq_settled_records_total{cluster="main",topic="shop.order.v1.till.dlq",fate="parked"} 1
    busctl_dlq_settled_records_total{cluster="main",topic="shop.order.v1.till.dlq",fate="discarded"} 2
    busctl_dlq_settled_records_total{cluster="main",topic="shop.order.v1.till.dlq",fate="restored"} 0
    "#);
    assert!(!prometheus.contains("# EOF") && !prometheus.contains("# UNIT"));
}

#[test]
fn what_is_not_known_has_no_sample() {
    let none = Exposition::OpenMetrics.write("main", None, Some(Scrapes::default()));
    insta::assert_snapshot!(none, @r#"
    # HELP busctl_dlq_scrape_success Whether the last look at the cluster went well
    # TYPE busctl_dlq_scrape_success gauge
    busctl_dlq_scrape_success{cluster="main"} 0
    # HELP busctl_dlq_scrape_duration_seconds How long the last look at the cluster took
    # TYPE busctl_dlq_scrape_duration_seconds gauge
    # UNIT busctl_dlq_scrape_duration_seconds seconds
    busctl_dlq_scrape_duration_seconds{cluster="main"} 0.0
    # HELP busctl_dlq_scrape_failures Looks at the cluster that failed
    # TYPE busctl_dlq_scrape_failures counter
    busctl_dlq_scrape_failures_total{cluster="main"} 0
    # EOF
    "#);
}
