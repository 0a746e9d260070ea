//! The outbound client in the form that `openidconnect` needs. It must never follow a redirect.

use std::{future::Future, pin::Pin, time::Duration};

use lcr_web::{Outbound, outbound::Request};
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};

const PROVIDER_TIMEOUT: Duration = Duration::from_secs(5);

#[derive(Debug, Clone)]
pub struct HttpClient(pub Outbound);

impl<'c> AsyncHttpClient<'c> for HttpClient {
    type Error = lcr_web::OutboundError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Self::Error>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let url = reqwest::Url::parse(&parts.uri.to_string()).map_err(|_| lcr_web::OutboundError::Refused)?;
            let request = Request {
                method: parts.method,
                url,
                headers: parts.headers,
                body: (!body.is_empty()).then(|| body.into()),
                deadline: PROVIDER_TIMEOUT,
                max_bytes: 1 << 20,
            };
            let answer = self.0.send(request).await?;
            let mut response = http::Response::builder().status(answer.status);
            if let Some(headers) = response.headers_mut() {
                *headers = answer.headers;
            }
            response.body(answer.body.to_vec()).map_err(|_| lcr_web::OutboundError::Broken)
        })
    }
}
