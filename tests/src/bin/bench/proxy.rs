//! A page and two API answers through the gateway, with each service in a process of its own, beside an nginx that passes the
//! same answers on from the same upstreams. It must never ask the two for different things.

use std::time::Duration;

use lcr_model::ServiceName;
use lcr_tests::{Platform, split::canonical_port};

use super::{
    connection::{Connection, Question, ask_at_once},
    kernel::cpu_seconds,
    nginx::{Nginx, program},
    report::Report,
    rounds::{Rounds, repeat},
    view,
};

const ASKERS: usize = 16;
const LASTS: Duration = Duration::from_secs(1);

/// The same answer from the gateway and from nginx.
struct Pair {
    name: &'static str,
    gateway: Question,
    nginx: Question,
}

pub async fn measure(platform: &Platform, report: &mut Report) {
    let Some(program) = program() else {
        println!("proxy: SKIPPED, because /usr/sbin/nginx is not installed");
        return;
    };
    let port = platform.ports.gateway;
    let token = platform.actor("gp").await.token.unwrap();
    let start_page = Question::get(port, "/", None);
    let mut page = Connection::default();
    page.ask(&start_page).await;
    // The gateway makes its pages itself, so nginx passes on the same bytes from a server that only sends them.
    let bare = view::start_bare_server(page.body().to_vec()).await;
    let [records, identity] =
        [ServiceName::RecordAggregation, ServiceName::Identity].map(|service| canonical_port(platform.ports, service));
    let nginx = Nginx::start(&program, &[bare, records, identity]).await;
    let behind = |at: usize, path: &str| Question::get(nginx.ports[at], path, Some(&token));
    let through = |path: &str| Question::get(port, path, Some(&token));
    let (sources, keys) = ("/api/record-aggregation/v1/sources", "/.well-known/jwks.json");
    let pairs = [
        Pair { name: "page", gateway: start_page, nginx: behind(0, "/") },
        Pair { name: "API answer", gateway: through(sources), nginx: behind(1, "/v1/sources") },
        Pair { name: "small API answer", gateway: through(keys), nginx: behind(2, keys) },
    ];
    let processes = (platform.split().process_id(ServiceName::Gateway, 0).unwrap(), nginx.process_id());
    for pair in &pairs {
        repeat(report, async |_, rounds: &mut Rounds| one_round(pair, processes, rounds).await).await;
    }
}

async fn one_round(pair: &Pair, (gateway, nginx): (u32, u32), rounds: &mut Rounds) {
    let ours = ask_through("gateway", gateway, &pair.gateway, pair.name, rounds).await;
    let theirs = ask_through("nginx", nginx, &pair.nginx, pair.name, rounds).await;
    let note = "answers for each of nginx's, from the same upstream; a page is made by the gateway and only passed on by \
                nginx; 1 is as fast; aim: 0.8";
    rounds.ratio(&format!("proxy: {}, gateway over nginx", pair.name), &ours, &theirs, note);
}

/// Asks through a proxy. Returns the name of the figure.
async fn ask_through(proxy: &str, process: u32, question: &Question, answer: &str, rounds: &mut Rounds) -> String {
    let before = cpu_seconds(process);
    let answers = ask_at_once(question, ASKERS, LASTS).await;
    let each = (cpu_seconds(process) - before) * 1000.0 / answers.count;
    let name = format!("proxy: {answer}, {proxy}");
    rounds.add(&name, answers.rate, "/s", "16 askers over kept connections; one thread each");
    rounds.add(&format!("{name}, p99"), answers.p99, "ms", "of an answer");
    rounds.add(&format!("{name}, processor"), each, "ms", "of processor time of the proxy alone, for an answer");
    name
}
