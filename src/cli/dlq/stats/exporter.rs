//! A small HTTP server that monitoring systems ask. Whoever asks gets what was found last: nobody waits for the cluster, and the
//! cluster notices none of them.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use http::header::{ACCEPT, ALLOW, CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

use super::accept::preferred;
use super::watch::Watch;
use crate::cli::context::now;
use crate::cli::error::{CommandError, Exit};
use crate::cli::interrupt::Interrupts;
use crate::render::dlq::stats::{Exposition, Scrapes, StatsDocument};

/// How many may ask at once; who comes after that is sent away.
const MOST_CONNECTIONS: usize = 64;

/// How long somebody may take to ask, and how long an idle connection is kept.
const HEADER_TIME: Duration = Duration::from_secs(10);

/// How long a connection may live: also who reads slowly goes at last.
const CONNECTION_TIME: Duration = Duration::from_secs(60);

/// How many headers a request may have.
const MOST_HEADERS: usize = 64;

/// How many bytes a request may have.
const MOST_BYTES: usize = 16 << 10;

/// How long whoever is being answered when it stops may take.
const LAST_TIME: Duration = Duration::from_secs(2);

/// What is told, written ahead in each form.
#[derive(Debug, Default)]
struct Page {
    prometheus: Bytes,
    open_metrics: Bytes,
}

/// What is told now.
type Told = Arc<Mutex<Arc<Page>>>;

/// Serves the figures of queues until it is stopped.
pub async fn serve(watch: Watch, address: SocketAddr, every: Duration) -> Result<Exit, CommandError> {
    let listener = TcpListener::bind(address)
        .await
        .map_err(|error| CommandError::system(format!("could not listen at {address}: {error}")))?;
    let bound = listener.local_addr().unwrap_or(address);
    let interrupts = Interrupts::listen();
    let told = Told::default();
    let cluster = watch.cluster.cluster.as_str();
    tell(&told, cluster, None, Scrapes::default());
    anstream::eprintln!("http://{bound}/metrics tells the figures of {cluster}, found anew every {every:?}");
    let mut looking = tokio::spawn(look_again_and_again(watch, told.clone(), every, interrupts.clone()));
    let (stop, stopped) = watch::channel(false);
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = interrupts.interrupted() => break,
            ended = &mut looking => match ended {
                Ok(()) => break,
                // What was found last would be told for ever, as if it were true now.
                Err(error) => {
                    return Err(CommandError::system(format!("looking at the queues of {cluster} ended: {error}"))
                        .hint("this is a defect of busctl; start it again"));
                }
            },
        };
        match accepted {
            Ok((stream, _)) => {
                let Ok(place) = places.clone().try_acquire_owned() else { continue };
                let (told, stopped) = (told.clone(), stopped.clone());
                tokio::spawn(async move {
                    connection(stream, told, stopped).await;
                    drop(place);
                });
            }
            // Nothing is left to open another one with: it passes when others have gone.
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
    stop.send_replace(true);
    looking.abort();
    let all = u32::try_from(MOST_CONNECTIONS).unwrap_or(u32::MAX);
    tokio::time::timeout(LAST_TIME, places.acquire_many(all)).await.ok();
    Ok(Exit::Done)
}

async fn connection(stream: TcpStream, told: Told, mut stopped: watch::Receiver<bool>) {
    let service = service_fn(move |request| {
        let page = told.lock().unwrap_or_else(PoisonError::into_inner).clone();
        async move { Ok::<_, Infallible>(answer(&request, &page)) }
    });
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(HEADER_TIME).max_headers(MOST_HEADERS).max_buf_size(MOST_BYTES);
    let serving = server.serve_connection(TokioIo::new(stream), service);
    tokio::pin!(serving);
    let deadline = tokio::time::sleep(CONNECTION_TIME);
    tokio::select! {
        // What a client does wrong is its own affair.
        _ = serving.as_mut() => return,
        () = deadline => return,
        _ = stopped.wait_for(|stopped| *stopped) => {}
    }
    serving.as_mut().graceful_shutdown();
    tokio::time::timeout(LAST_TIME, serving).await.ok();
}

fn answer(request: &Request<Incoming>, page: &Page) -> Response<Full<Bytes>> {
    const PLAIN: &str = "text/plain; charset=utf-8";
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut response = of(StatusCode::METHOD_NOT_ALLOWED, PLAIN, "metrics are read with GET\n");
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return response;
    }
    match request.uri().path() {
        "/metrics" => {
            let accepts: Vec<_> = request.headers().get_all(ACCEPT).iter().filter_map(|of| of.to_str().ok()).collect();
            let form = preferred(&accepts.join(","));
            let body = match form {
                Exposition::Prometheus => page.prometheus.clone(),
                Exposition::OpenMetrics => page.open_metrics.clone(),
            };
            of(StatusCode::OK, form.content_type(), body)
        }
        "/healthz" => of(StatusCode::OK, PLAIN, "ok\n"),
        "/" => of(StatusCode::OK, PLAIN, "busctl dlq stats: see /metrics\n"),
        _ => of(StatusCode::NOT_FOUND, PLAIN, "there is /metrics and /healthz\n"),
    }
}

fn of(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

async fn look_again_and_again(mut watch: Watch, told: Told, every: Duration, interrupts: Interrupts) {
    let cluster = watch.cluster.cluster.as_str();
    let mut figures = None;
    let mut scrapes = Scrapes::default();
    let mut ticks = tokio::time::interval(every);
    // A look that took long is not made up for.
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let began = Instant::now();
        let mut progress = |_| match interrupts.stopped() {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        };
        match watch.look(&mut progress).await {
            Ok(Some(document)) => {
                figures = Some(Arc::new(document));
                (scrapes.is_well, scrapes.last_success) = (true, Some(now()));
            }
            Ok(None) => return,
            Err(failure) => {
                (scrapes.is_well, scrapes.failures) = (false, scrapes.failures + 1);
                anstream::eprintln!("warning: {failure}");
            }
        }
        scrapes.millis = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        tell(&told, cluster, figures.as_ref(), scrapes);
    }
}

fn tell(told: &Told, cluster: &str, figures: Option<&Arc<StatsDocument>>, scrapes: Scrapes) {
    let write = |form: Exposition| Bytes::from(form.write(cluster, figures, Some(scrapes)));
    let page = Page { prometheus: write(Exposition::Prometheus), open_metrics: write(Exposition::OpenMetrics) };
    *told.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(page);
}
