use super::Area;

/// Regions of AWS, Google Cloud and Azure in the European Union and the European Economic Area. London and Zurich are in
/// neither, whatever their regions are called.
const EU: &[&str] = &[
    // AWS
    "eu-central-1",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-3",
    "eusc-de-east-1",
    // Google Cloud
    "europe-central2",
    "europe-north1",
    "europe-north2",
    "europe-southwest1",
    "europe-west1",
    "europe-west3",
    "europe-west4",
    "europe-west8",
    "europe-west9",
    "europe-west10",
    "europe-west12",
    // Azure
    "austriaeast",
    "belgiumcentral",
    "denmarkeast",
    "francecentral",
    "francesouth",
    "germanynorth",
    "germanywestcentral",
    "italynorth",
    "northeurope",
    "norwayeast",
    "norwaywest",
    "polandcentral",
    "spaincentral",
    "swedencentral",
    "swedensouth",
    "westeurope",
];

/// Regions in Europe that are in neither.
const EUROPE_ELSEWHERE: &[&str] = &[
    "eu-central-2",
    "eu-west-2",
    "europe-west2",
    "europe-west6",
    "switzerlandnorth",
    "switzerlandwest",
    "uksouth",
    "ukwest",
];

/// What the names of regions elsewhere begin with.
const ELSEWHERE: &[&str] = &[
    // AWS
    "af-",
    "ap-",
    "ca-",
    "cn-",
    "il-",
    "me-",
    "mx-",
    "sa-",
    "us-", // Google Cloud
    "africa-",
    "asia-",
    "australia-",
    "northamerica-",
    "southamerica-", // Azure
    "australia",
    "brazil",
    "canada",
    "centralindia",
    "centralus",
    "chile",
    "china",
    "eastasia",
    "eastus",
    "indonesia",
    "israel",
    "japan",
    "jioindia",
    "korea",
    "malaysia",
    "mexico",
    "newzealand",
    "northcentralus",
    "qatar",
    "southafrica",
    "southcentralus",
    "southeastasia",
    "southindia",
    "uae",
    "usdod",
    "usgov",
    "westcentralus",
    "westindia",
    "westus",
];

/// The area of a region or of one of its zones; `None` for a name that no provider has.
pub fn area_of_region(name: &str) -> Option<Area> {
    let name = name.trim().to_ascii_lowercase();
    // `eu-central-1a`, `europe-west3-b`: the zone of a region.
    let region = name.strip_suffix(|c: char| c.is_ascii_lowercase()).map(|region| region.trim_end_matches('-'));
    let is =
        |regions: &[&str]| regions.contains(&name.as_str()) || region.is_some_and(|region| regions.contains(&region));
    if is(EU) {
        return Some(Area::Eu);
    }
    let is_elsewhere = is(EUROPE_ELSEWHERE) || ELSEWHERE.iter().any(|start| name.starts_with(start));
    is_elsewhere.then_some(Area::Elsewhere)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_where_they_are_and_not_where_their_names_say() {
        for name in ["eu-central-1", "eu-central-1a", "EU-West-1", "europe-west3-b", "westeurope", "norwayeast"] {
            assert_eq!(area_of_region(name), Some(Area::Eu), "{name}");
        }
        for name in
            ["eu-west-2", "eu-west-2b", "eu-central-2", "europe-west6", "uksouth", "us-east-1", "eastus2", "asia-east1"]
        {
            assert_eq!(area_of_region(name), Some(Area::Elsewhere), "{name}");
        }
        for name in ["eu", "eu-central", "frankfurt", "eu-west-11", "", "our-dc"] {
            assert_eq!(area_of_region(name), None, "{name}");
        }
    }
}
