"""What shops call the columns we need, in English and Chinese; spelled without blanks, case and signs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

Words = Mapping[str, Sequence[str]]

_WHO = (
    "customer_id",
    "customerid",
    "customer",
    "member_id",
    "uid",
    "userid",
    "buyer_id",
    "客户号",
    "会员号",
    "会员ID",
    "用户ID",
    "客户编号",
    "会员编号",
    "买家ID",
)
_ITEM = (
    "sku",
    "product_id",
    "item_id",
    "stockcode",
    "goods_id",
    "variant_sku",
    "商品编码",
    "商品ID",
    "货号",
    "商品编号",
    "商品号",
)

PEOPLE: Final[Words] = {
    "user_id": _WHO,
    "email": ("e-mail", "mail", "email_address", "邮箱", "电子邮件", "邮件地址"),
    "phone": ("mobile", "telephone", "phone_number", "手机", "手机号", "电话", "联系电话"),
    "language": ("lang", "locale", "语言"),
    "timezone": ("tz", "time_zone", "时区"),
    "consent_purpose": ("同意用途",),
    "consent_channel": ("同意渠道",),
    "consent_at": ("consent_date", "opt_in_at", "同意时间"),
    "consent_how": ("consent_source", "方式", "同意方式"),
    "consent_text": ("同意文本",),
}

PRODUCTS: Final[Words] = {
    "item": _ITEM,
    "title": ("name", "product_name", "product_title", "商品名称", "商品名", "名称", "标题", "品名"),
    "category": ("category_path", "product_type", "类目", "分类", "品类", "一级类目", "商品分类"),
    "brand": ("vendor", "manufacturer", "品牌"),
    "price": ("unit_price", "selling_price", "售价", "价格", "单价", "现价"),
    "list_price": ("compare_at_price", "msrp", "原价", "划线价", "吊牌价"),
    "currency": ("currency_code", "币种", "货币"),
    "stock": ("quantity", "inventory", "stock_quantity", "库存", "库存数量"),
    "availability": ("status", "供货状态", "上架状态"),
    "url": ("link", "product_url", "商品链接", "链接"),
    "image": ("image_url", "image_link", "picture", "图片", "主图", "图片链接"),
    "description": ("body", "details", "描述", "商品描述", "详情"),
    "content": ("net_content", "净含量"),
    "gtin": ("ean", "upc", "barcode", "条形码", "条码"),
    "group": ("item_group_id", "spu", "款号"),
    "observed_at": ("updated_at", "更新时间"),
}

EVENTS: Final[Words] = {
    "event_id": ("id", "事件ID"),
    "user_id": _WHO,
    "anonymous_id": ("visitor_id", "device_id", "cookie_id", "session_user", "访客ID", "设备ID"),
    "kind": ("event", "event_type", "action", "behavior", "行为", "行为类型", "事件类型"),
    "ts": (
        "time",
        "timestamp",
        "event_time",
        "date",
        "datetime",
        "invoicedate",
        "order_date",
        "created_at",
        "paid_at",
        "时间",
        "下单时间",
        "付款时间",
        "创建时间",
        "日期",
    ),
    "item": _ITEM,
    "quantity": ("qty", "数量", "购买数量"),
    "unit_price": ("price", "unitprice", "单价", "价格", "成交价"),
    "total": ("amount", "line_total", "金额", "总价", "实付金额"),
    "currency": ("currency_code", "币种", "货币"),
    "order_id": ("order", "order_number", "invoice", "invoiceno", "订单号", "订单编号"),
    "query": ("search_term", "keyword", "search_query", "搜索词", "关键词"),
    "text": ("review", "comment", "review_text", "评价", "评论", "评价内容"),
    "rating": ("stars", "score", "评分", "星级"),
    "channel": ("渠道",),
    "language": ("lang", "locale", "语言"),
    "user_agent": ("useragent", "ua"),
}

NEEDED: Final[Mapping[str, frozenset[str]]] = {
    "people": frozenset({"user_id", "email"}),
    "catalogue": frozenset({"item", "title"}),
    "events": frozenset({"user_id", "ts"}),
}
"""Fields that tell what a file is."""
