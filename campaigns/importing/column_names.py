"""Which names do people give the columns that we understand, in the languages of our customers?

All in the form that `header.normalised` gives: lower case, one space between words, no marks.
"""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _phrases(text: str) -> frozenset[str]:
    return frozenset(text.split("|"))


PHONE_WORDS = _words("""phone phones telephone tel telefon telefone telefono teléfono téléphone telefoon telefonnummer
    telefonnumber phonenumber mobilenumber cellphone cell cellular mobile mobiltelefon mobil mobilnummer
    handy handynummer rufnummer móvil movil celular portable msisdn gsm fon telnr numtel dnis tlf
    телефон тел мобильный моб телефону мобільний сотовый телефона номертелефона
    电话 電話 手机 手機 电话号码 電話番号 手机号 手机号码 携帯 携帯電話""")
PHONE_QUALIFIERS = _words("""number numbers no nr num nummer numero número numéro n
    home work business office primary main alt
    alternate alternative secondary second other contact customer client lead day daytime evening night
    private privat personal geschäftlich dienstlich direct preferred first third best fixe fixo fijo
    casa trabajo rabota e164 номер домашний рабочий контактный основной 1 2 3 4 5 6 7 8 9""")
PHONE_PHRASES = frozenset({"contact number", "number to call", "dial number", "caller id", "номер", "号码"})
# As the only column these can hold nothing else; beside others a "number" may be a house or a customer.
ALONE_A_PHONE = frozenset({"number", "numbers", "nummer", "numero", "número", "numéro", "номера", "contact", "list"})

FIELD_NAMES: dict[str, frozenset[str]] = {
    "first_name": _phrases(
        "first name|firstname|given name|forename|fname|first|vorname|prénom|prenom|nombre|nome|имя|ім'я"
        "|imię|voornaam|名"
    ),
    "last_name": _phrases(
        "last name|lastname|surname|family name|lname|last|nachname|familienname|nom|apellido|apellidos"
        "|sobrenome|cognome|фамилия|прізвище|nazwisko|achternaam|姓"
    ),
    "display_name": _phrases(
        "name|full name|fullname|display name|contact|contact name|customer|customer name|client|lead name"
        "|nom complet|nombre completo|vollständiger name|фио|піб|имя фамилия|姓名|名前|氏名"
    ),
    "external_id": _phrases(
        "id|external id|externalid|lead id|leadid|customer id|customer number|customer no|client id|crm id"
        "|record id|contact id|account id|account number|reference|ref|kundennummer|kunden nr|uuid"
        "|vendor lead code|код клиента|客户编号"
    ),
    "timezone": _phrases(
        "timezone|time zone|tz|iana timezone|zeitzone|fuseau horaire|zona horaria|fuso orario|часовой пояс"
        "|часовий пояс|时区|時区"
    ),
    "region": _phrases(
        "state|region|province|state province|state/province|state code|state abbreviation|state name|us state"
        "|bundesland|kanton|land region|région|provincia|estado|область|регион|штат|省|州"
    ),
    "postal_code": _phrases(
        "zip|zip code|zipcode|zip5|zip 5|zip+4|zip plus 4|postal|postal code|postalcode|postcode|post code|plz"
        "|postleitzahl|code postal|código postal|codigo postal|cep|cap"
        "|индекс|почтовый индекс|індекс|邮编|邮政编码|郵便番号"
    ),
    "country": _phrases(
        "country|country code|countrycode|country name|iso country|nation|land|pays|país|pais|paese|страна|країна"
        "|国家|国"
    ),
    "email": _phrases(
        "email|e mail|email address|e mail address|mail|correo|correo electrónico|courriel|эл почта|почта"
        "|електронна пошта|邮箱|电子邮件|メール"
    ),
    "language": _phrases("language|lang|locale|sprache|langue|idioma|lingua|язык|мова|语言|言語"),
    "note": _phrases(
        "note|notes|comment|comments|remark|remarks|notiz|notizen|bemerkung|bemerkungen|kommentar|remarque"
        "|commentaire|nota|notas|observaciones|примечание|примечания|комментарий|нотатки|备注|備考"
    ),
    # Who is the same person in all lists of the house. A plain "person" is as often a name, an id that of one system.
    "person_key": _phrases(
        "person key|person id|personid|person number|person no|customer key|customer uid|consumer id|consumer key"
        "|debtor id|debtor number|debtor no|party id|party key|personennummer|schuldner nr|schuldnernummer"
    ),
    "debt": _phrases(
        "debt|debt id|debt number|debt no|debt ref|debt reference|debt key|debt account|loan id|loan number|loan no"
        "|forderung|forderungsnummer"
    ),
}
# Columns of these names are as often a sales area: a state's own column beside them is the one that is meant.
SECOND_CHOICE = frozenset({"region", "land region", "регион"})
