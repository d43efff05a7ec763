//! Puts routes on the server, each path once, literal parts before places.

use super::route::Route;
use super::serve;
use crate::context::House;
use actix_web::http::Method;
use actix_web::web::{self, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Mounts every route.
pub fn mount(config: &mut ServiceConfig, house: &Arc<House>, routes: &'static [Route]) {
    let mut paths: BTreeMap<&str, Vec<&'static Route>> = BTreeMap::new();
    for route in routes {
        // `{` sorts after every letter and digit, so `/logs` is met before `/{id}`.
        paths.entry(route.path).or_default().push(route);
    }
    for (path, routes) in paths {
        config.service(resource(path, house, &routes));
    }
    let house = house.clone();
    config.default_service(web::to(move |request: HttpRequest| {
        let house = house.clone();
        async move { serve::no_route(house, request, None).await }
    }));
}

fn resource(path: &str, house: &Arc<House>, routes: &[&'static Route]) -> actix_web::Resource {
    let mut resource = web::resource(path);
    let mut methods: Vec<String> = Vec::new();
    for route in routes {
        let route = *route;
        methods.push(route.method.to_string());
        resource = resource.route(web::method(route.method.clone()).to(handler(house.clone(), route)));
        if route.method == Method::GET {
            methods.push(Method::HEAD.to_string());
            resource = resource.route(web::head().to(handler(house.clone(), route)));
        }
    }
    // A slice may answer preflights of its own, as the embedded checkout does.
    let is_answered = routes.iter().any(|route| route.method == Method::OPTIONS);
    if !is_answered {
        methods.push(Method::OPTIONS.to_string());
    }
    let allowed = methods.join(", ");
    if !is_answered {
        let (house, allowed) = (house.clone(), allowed.clone());
        resource = resource.route(web::method(Method::OPTIONS).to(move |request: HttpRequest| {
            let (house, allowed) = (house.clone(), allowed.clone());
            async move { serve::preflight(house, request, allowed).await }
        }));
    }
    let house = house.clone();
    resource.default_service(web::to(move |request: HttpRequest| {
        let (house, allowed) = (house.clone(), allowed.clone());
        async move { serve::no_route(house, request, Some(allowed)).await }
    }))
}

type Served = futures_util::future::LocalBoxFuture<'static, HttpResponse>;

fn handler(house: Arc<House>, route: &'static Route) -> impl Fn(HttpRequest, Payload) -> Served + Clone + 'static {
    move |request, payload| Box::pin(serve::serve(house.clone(), route, request, payload))
}
