//! A client of the fake API server, without a network between them. It must change no request and no answer.

use std::convert::Infallible;

use http::Request;
use http_body_util::BodyExt;
use kube::Client;

use crate::fake_api_server::FakeApiServer;

impl FakeApiServer {
    pub fn client(&self) -> Client {
        let server = self.clone();
        let service = tower::service_fn(move |request: Request<kube::client::Body>| {
            let server = server.clone();
            async move {
                let (parts, body) = request.into_parts();
                let body = body.collect().await.unwrap().to_bytes();
                Ok::<_, Infallible>(server.answer(Request::from_parts(parts, body)).await)
            }
        });
        Client::new(service, "default")
    }
}
