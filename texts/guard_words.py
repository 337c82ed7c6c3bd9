"""Words beside a number that say what it is, in the languages customers write.

Lists of facts, no decisions. A word that means both ("number") is in neither list.
"""

import re

#: "this is a telephone number"
PHONE = (
    "phone cell cellphone mobile mob tel telephone whatsapp viber sms text call "
    "callback ring dial fax landline reach telefon telefonnummer handy handynummer "
    "rückruf anrufen téléphone telephone portable appeler joindre teléfono telefono "
    "móvil movil celular llamar llame llámame telefone telemóvel ligar cellulare "
    "chiamare telefoon bellen mobiel telefonu komórka zadzwoń mobil ringa puhelin "
    "soita tlf ring puh mobilnummer telefonszám hívj telefonní číslo τηλέφωνο τηλ "
    "κινητό телефон телефона телефону тел моб мобильный мобильного звоните позвоните "
    "номер 電話 電話番号 電話號碼 携帯 电话 电话号码 手机 手机号 手機 微信 전화 "
    "전화번호 휴대폰 연락처 هاتف جوال موبايل "
    "تلفون رقم اتصل טלפון נייד फोन मोबाइल फ़ोन โทร โทรศัพท์ điện thoại sđt telepon "
    "hp telefonum cep"
)
#: "this number names a thing"
THING = (
    "order orders ticket tickets case cases ref reference invoice invoices bill "
    "tracking parcel shipment shipping consignment booking reservation confirmation "
    "pnr itinerary id acct sku model serial imei code codes error article art item "
    "items part product ean isbn gtin otp pin policy claim request incident "
    "transaction voucher coupon receipt account flight job post video tweet channel "
    "page bug issue rma awb id: no. bestellung bestellnummer auftrag auftragsnummer "
    "rechnung rechnungsnummer sendung sendungsnummer vorgang vorgangsnummer "
    "kundennummer artikel artikelnummer konto beleg commande facture colis dossier "
    "suivi référence référence client réservation pedido factura seguimiento envío "
    "envio expediente reserva referencia incidencia ordine fattura spedizione "
    "pratica prenotazione riferimento encomenda fatura processo bestelling factuur "
    "zending zamówienie zamówienia faktura przesyłka paczka beställning ordre "
    "ordrenummer kolli sag tilaus lasku rendelés számla objednávka sipariş fatura "
    "kargo заказ заказа заказу счет счёт трек накладная заявка артикул код ошибка 注文 "
    "注文番号 追跡 伝票 订单 订单号 单号 快递 發票 訂單 주문 주문번호 운송장 송장 "
    "طلب الطلب فاتورة شحنة हुक्म ऑर्डर "
    "หมายเลขคำสั่งซื้อ đơn hàng pesanan resi"
)
#: "this is a payment card"
CARD = (
    "card visa mastercard amex maestro debit credit kreditkarte karte carte tarjeta "
    "carta cartão kaart karta kort kortti kártya карта карты カード 卡号 信用卡 "
    "銀行卡 카드 بطاقة "
    "כרטיס कार्ड บัตร thẻ kartu kart"
)
#: "here comes where somebody lives"
ADDRESS = (
    "live lives living address adress home deliver delivered delivery ship shipped "
    "shipping sent zip postcode postal plz wohnen wohnst wohnhaft adresse lieferung "
    "liefern geliefert habitez livraison livrer postal vive dirección direccion "
    "entrega código envío via indirizzo cap abita woont adres postnummer адрес "
    "доставка живете индекс 住所 郵便番号 地址 邮编 주소 عنوان पता 〒"
)
#: greetings after which the next word is somebody's name
GREETING = (
    "hi hello hey dear thanks thank you hallo liebe lieber sehr guten tag bonjour "
    "cher chère salut hola estimado estimada buenos buenas ciao caro cara gentile "
    "olá ola caro prezado prezada hej hei beste dag cześć szanowny drogi merhaba "
    "sayın здравствуйте привет уважаемый уважаемая mr mrs ms mx dr herr frau herrn "
    "madame monsieur mme señor señora sr sra signor signora pan pani"
)


def pattern(words):
    """Finds the words; letters of scripts without spaces need no boundary."""
    spaced, joined = [], []
    for word in sorted(set(words.split()), key=len, reverse=True):
        (joined if word[0] >= "\u0e00" else spaced).append(re.escape(word))
    alternatives = [rf"(?<![^\W\d_])(?:{'|'.join(spaced)})(?![^\W\d_])"]
    if joined:
        alternatives.append("|".join(joined))
    return re.compile("|".join(alternatives), re.IGNORECASE)


IS_PHONE, IS_THING, IS_CARD, IS_ADDRESS, IS_GREETING = map(
    pattern, (PHONE, THING, CARD, ADDRESS, GREETING)
)


def last(regex, text):
    """Where the last match ends, or -1."""
    end = -1
    for found in regex.finditer(text):
        end = found.end()
    return end
