//! Where calls go: the one endpoint of a provider, or those of its services, by region.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::PoisonError;

use crate::api;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::schema::ProviderSchema;
use crate::schema::Service;
use crate::schema::scope::Frame;
use crate::schema::scope::Root;
use crate::value::Value;

/// The endpoints of a provider configuration.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// Of a provider without services.
    plain: Option<api::Endpoint>,
    /// By service and region; filled as they are needed.
    services: Mutex<BTreeMap<(String, Option<String>), api::Endpoint>>,
    /// The provider's name, for messages.
    provider: String,
    /// Nothing may be sent to another machine.
    here_only: bool,
}

impl Places {
    /// Checks the addresses of all services in the configuration's own region.
    pub(super) fn new(
        schema: &ProviderSchema,
        plain: Option<api::Endpoint>,
        root: &Value,
        here_only: bool,
    ) -> Result<Self, Diagnostics> {
        let services = Mutex::default();
        let places = Self { provider: schema.name.to_string(), plain, services, here_only };
        if let Some(endpoint) = &places.plain {
            places.check(endpoint)?;
        }
        for service in &schema.services {
            places.of_service(service, None, root)?;
        }
        Ok(places)
    }

    fn check(&self, endpoint: &api::Endpoint) -> Result<(), Diagnostics> {
        if !self.here_only || endpoint.is_loopback() {
            return Ok(());
        }
        let summary = format!("provider `{}` has no emulator", self.provider);
        Err(Diagnostic::error(Code::InvalidProviderConfiguration, summary)
            .detail(format!("With `--emulate` nothing is sent to {endpoint}."))
            .hint("let a server on this machine stand in: set `endpoint` to an address such as `http://127.0.0.1:8080`")
            .into())
    }

    /// Whether any call can be made.
    pub(super) fn any(&self) -> bool {
        let services = self.services.lock().unwrap_or_else(PoisonError::into_inner);
        self.plain.is_some() || !services.is_empty()
    }

    /// Returns the endpoint of a provider without services.
    pub(super) fn plain(&self) -> Option<&api::Endpoint> {
        self.plain.as_ref()
    }

    /// Returns all endpoints of the configuration's own region, with the names of their services.
    pub(super) fn all(&self) -> Vec<(String, String)> {
        let plain = self.plain.iter().map(|endpoint| (String::new(), endpoint.to_string()));
        let services = self.services.lock().unwrap_or_else(PoisonError::into_inner);
        let services = services.iter().filter(|((_, region), _)| region.is_none());
        plain.chain(services.map(|((name, _), endpoint)| (name.clone(), endpoint.to_string()))).collect()
    }

    /// Returns the endpoint of a service in a region; without one, in that of the configuration.
    pub(super) fn of_service(
        &self,
        service: &Service,
        region: Option<&str>,
        root: &Value,
    ) -> Result<api::Endpoint, Diagnostics> {
        let key = (service.name.to_string(), region.map(str::to_owned));
        if let Some(known) = self.services.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(known.clone());
        }
        let root = match region {
            Some(region) => with_region(root, region),
            None => root.clone(),
        };
        let value = Frame::new().with(Root::Provider, root).value(&service.endpoint)?;
        let endpoint = match value.as_str() {
            Some(url) => api::Endpoint::parse(url).map_err(|error| error.to_string()),
            None => Err("there is none".to_owned()),
        };
        let endpoint = endpoint.map_err(|reason| {
            let summary = format!("the endpoint of `{}` is not usable: {reason}", service.name);
            Diagnostic::error(Code::InvalidProviderConfiguration, summary)
                .hint("check the region and the endpoints in the provider block")
        })?;
        self.check(&endpoint)?;
        self.services.lock().unwrap_or_else(PoisonError::into_inner).insert(key, endpoint.clone());
        Ok(endpoint)
    }
}

/// The arguments with another region.
pub(super) fn with_region(root: &Value, region: &str) -> Value {
    let mut fields = root.fields().cloned().unwrap_or_default();
    fields.insert("region".into(), Value::string(region));
    Value::object(fields)
}
