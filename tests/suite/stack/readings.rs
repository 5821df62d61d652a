//! Every reading of what the vendor's document leaves open comes to the same.

use queueform::emulator::apsarastack::BaseInfoPlace;
use queueform::emulator::apsarastack::CreatedData;
use queueform::emulator::apsarastack::DataEncoding;
use queueform::emulator::apsarastack::KeyCase;
use queueform::emulator::apsarastack::NamingKeys;
use queueform::emulator::apsarastack::Settings;
use queueform::emulator::apsarastack::TopicShape;

use super::course::Course;
use super::course::SHOP;

/// The same course whatever the service does.
async fn holds(edit: fn(&mut Settings)) {
    let mut course = Course::new();
    course.store().set(edit);
    course.apply(SHOP).await;
    let changed = SHOP.replace("\"made here\"", "\"changed\"").replace("\"publish\"", "\"both\"");
    course.apply(&changed).await;
    course.destroy().await;
}

#[tokio::test]
async fn data_as_a_text() {
    holds(|settings| settings.data_encoding = DataEncoding::String).await;
}

#[tokio::test]
async fn keys_in_other_cases() {
    holds(|settings| settings.key_case = KeyCase::Lower).await;
    holds(|settings| {
        settings.key_case = KeyCase::Pascal;
        settings.data_encoding = DataEncoding::String;
    })
    .await;
}

#[tokio::test]
async fn creation_without_an_id() {
    holds(|settings| settings.created_data = CreatedData::Empty).await;
    holds(|settings| settings.created_data = CreatedData::Null).await;
}

#[tokio::test]
async fn objects_in_other_places() {
    holds(|settings| {
        settings.base_info = BaseInfoPlace::Wrapped;
        settings.topic_get = TopicShape::Object;
        settings.naming_keys = NamingKeys::IndependentNaming;
    })
    .await;
    holds(|settings| {
        settings.base_info = BaseInfoPlace::Beside;
        settings.naming_keys = NamingKeys::Both;
        settings.data_encoding = DataEncoding::String;
    })
    .await;
}

#[tokio::test]
async fn no_more_than_the_document_promises() {
    holds(|settings| settings.undocumented_fields = false).await;
    holds(|settings| {
        settings.undocumented_fields = false;
        settings.created_data = CreatedData::Null;
        settings.base_info = BaseInfoPlace::Beside;
        settings.data_encoding = DataEncoding::String;
        settings.topic_get = TopicShape::Object;
    })
    .await;
}
