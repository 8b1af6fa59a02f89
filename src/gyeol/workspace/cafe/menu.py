"""What the chain sells and where, and what people search for. The coordinates are of the named places; the shops are made up."""

from __future__ import annotations

from typing import Literal, NamedTuple

Category = Literal["coffee", "latte", "tea", "ade", "dessert", "meal", "goods"]
Surroundings = Literal["office", "campus", "mall", "home"]


class Product(NamedTuple):
    """One thing to buy.

    Args:
        sku: Its number.
        ko: Its name.
        en: The same.
        category: One of seven.
        price: Won.
        chill: 1 iced, -1 hot, 0 neither.
        sweet: 0 to 1.
    """

    sku: str
    ko: str
    en: str
    category: Category
    price: int
    chill: int
    sweet: float


class Store(NamedTuple):
    """A shop.

    Args:
        id: Its number.
        ko: Its name.
        lat: Degrees.
        lon: Degrees.
        region: Whose weather it has: 0 the capital, 1 the south-east, 2 the south-west and Jeju.
        around: What lies about it.
    """

    id: str
    ko: str
    lat: float
    lon: float
    region: int
    around: Surroundings


PRODUCTS: tuple[Product, ...] = (
    Product("C01", "아이스 아메리카노", "Iced Americano", "coffee", 4500, 1, 0.0),
    Product("C02", "따뜻한 아메리카노", "Hot Americano", "coffee", 4500, -1, 0.0),
    Product("C03", "콜드브루", "Cold Brew", "coffee", 4900, 1, 0.0),
    Product("C04", "에스프레소", "Espresso", "coffee", 4000, -1, 0.0),
    Product("C05", "디카페인 아메리카노", "Decaf Americano", "coffee", 4800, 0, 0.0),
    Product("L01", "아이스 카페라떼", "Iced Latte", "latte", 5000, 1, 0.2),
    Product("L02", "따뜻한 카페라떼", "Hot Latte", "latte", 5000, -1, 0.2),
    Product("L03", "바닐라 라떼", "Vanilla Latte", "latte", 5500, 0, 0.7),
    Product("L04", "돌체 라떼", "Dolce Latte", "latte", 5900, 1, 0.9),
    Product("L05", "고구마 라떼", "Sweet Potato Latte", "latte", 5800, -1, 0.8),
    Product("L06", "핫초코", "Hot Chocolate", "latte", 5500, -1, 1.0),
    Product("T01", "캐모마일 티", "Chamomile Tea", "tea", 4700, -1, 0.1),
    Product("T02", "유자차", "Yuja Tea", "tea", 5200, -1, 0.8),
    Product("T03", "아이스 얼그레이", "Iced Earl Grey", "tea", 4700, 1, 0.1),
    Product("T04", "쌍화차", "Ssanghwa Tea", "tea", 6000, -1, 0.4),
    Product("A01", "자몽 에이드", "Grapefruit Ade", "ade", 5800, 1, 0.7),
    Product("A02", "레몬 에이드", "Lemon Ade", "ade", 5800, 1, 0.6),
    Product("A03", "수박 주스", "Watermelon Juice", "ade", 6200, 1, 0.8),
    Product("A04", "딸기 스무디", "Strawberry Smoothie", "ade", 6500, 1, 0.9),
    Product("D01", "치즈 케이크", "Cheesecake", "dessert", 6900, 0, 0.8),
    Product("D02", "크루아상", "Croissant", "dessert", 4200, 0, 0.4),
    Product("D03", "초코 쿠키", "Chocolate Cookie", "dessert", 3200, 0, 0.9),
    Product("D04", "티라미수", "Tiramisu", "dessert", 7200, 0, 0.8),
    Product("D05", "소금빵", "Salt Bread", "dessert", 3500, 0, 0.2),
    Product("M01", "햄치즈 샌드위치", "Ham and Cheese Sandwich", "meal", 6800, 0, 0.0),
    Product("M02", "베이글 세트", "Bagel Set", "meal", 6500, 0, 0.1),
    Product("M03", "닭가슴살 샐러드", "Chicken Salad", "meal", 8900, 0, 0.0),
    Product("G01", "텀블러", "Tumbler", "goods", 29000, 0, 0.0),
    Product("G02", "원두 200g", "Beans 200 g", "goods", 16000, 0, 0.0),
    Product("G03", "드립백 세트", "Drip Bag Set", "goods", 12000, 0, 0.0),
)

STORES: tuple[Store, ...] = (
    Store("S01", "광화문점", 37.5716, 126.9764, 0, "office"),
    Store("S02", "시청점", 37.5657, 126.9769, 0, "office"),
    Store("S03", "강남역점", 37.4979, 127.0276, 0, "office"),
    Store("S04", "역삼점", 37.5006, 127.0364, 0, "office"),
    Store("S05", "여의도점", 37.5216, 126.9243, 0, "office"),
    Store("S06", "판교점", 37.3948, 127.1112, 0, "office"),
    Store("S07", "홍대입구점", 37.5572, 126.9245, 0, "campus"),
    Store("S08", "신촌점", 37.5552, 126.9368, 0, "campus"),
    Store("S09", "성수점", 37.5446, 127.0559, 0, "mall"),
    Store("S10", "잠실점", 37.5133, 127.1001, 0, "mall"),
    Store("S11", "고속터미널점", 37.5049, 127.0049, 0, "mall"),
    Store("S12", "노원점", 37.6552, 127.0613, 0, "home"),
    Store("S13", "목동점", 37.5263, 126.8645, 0, "home"),
    Store("S14", "일산점", 37.6584, 126.7700, 0, "home"),
    Store("S15", "분당점", 37.3850, 127.1230, 0, "home"),
    Store("S16", "수원점", 37.2664, 127.0002, 0, "mall"),
    Store("S17", "인천송도점", 37.3822, 126.6564, 0, "home"),
    Store("S18", "대전둔산점", 36.3519, 127.3784, 0, "office"),
    Store("S19", "대구동성로점", 35.8690, 128.5960, 1, "mall"),
    Store("S20", "부산서면점", 35.1578, 129.0593, 1, "mall"),
    Store("S21", "해운대점", 35.1631, 129.1636, 1, "home"),
    Store("S22", "울산삼산점", 35.5390, 129.3380, 1, "office"),
    Store("S23", "창원상남점", 35.2220, 128.6850, 1, "office"),
    Store("S24", "경북대점", 35.8900, 128.6100, 1, "campus"),
    Store("S25", "광주상무점", 35.1525, 126.8510, 2, "office"),
    Store("S26", "전남대점", 35.1760, 126.9070, 2, "campus"),
    Store("S27", "전주한옥마을점", 35.8150, 127.1530, 2, "mall"),
    Store("S28", "제주노형점", 33.4850, 126.4810, 2, "home"),
)

SEARCHES: dict[str, tuple[str, ...]] = {
    "browse": ("신메뉴", "디저트", "케이크", "여름 음료", "인기 메뉴", "원두", "텀블러"),
    "compare": ("라떼 아메리카노 차이", "칼로리", "카페인 함량", "가격", "디카페인 비교", "우유 변경", "사이즈 차이"),
    "buy": ("아이스 아메리카노", "카페라떼", "사이렌 주문", "바로 주문", "소금빵", "할인 쿠폰", "선물하기"),
    "use": ("스탬프 적립", "매장 찾기", "영업시간", "쿠폰함", "와이파이", "픽업 방법", "적립금 사용"),
    "help": ("환불 방법", "주문 취소", "결제 오류", "쿠폰 사용 안됨", "고객센터", "음료 잘못 나옴", "적립 누락"),
    "leave": ("회원 탈퇴", "알림 끄기", "수신 거부", "개인정보 삭제", "앱 삭제"),
}
"""What is searched for with each intent."""
