// SPDX-License-Identifier: Apache-2.0
// Table file.

import { ZoneError } from './zone-error.ts';

/**
 * What zones are called: `NAME NAME ...|ERA;ERA...`, an era being `START:ABBREVIATION OFFSET OFFSET...,ABBREVIATION OFFSET...` with seconds in
 * base 36. An offset that is not listed is called by its digits (`+0545`).
 * Source: the IANA time zone database 2025b, as Go 1.26 reads it.
 */
const TABLE = `
Africa/Abidjan Africa/Timbuktu Iceland|:LMT -qw,GMT 0
Africa/Accra|:LMT -1g,GMT 0
Africa/Addis_Ababa|:LMT 760,ADMT 76w,EAT 8c0
Africa/Algiers|:LMT kc,PMT fl,WET 0,WEST 2s0;-fkul40:CET 2s0,CEST 5k0,WET 0;oot80:WEST 2s0,WET 0;42lp80:CET 2s0,CEST 5k0,WET 0;5drxc0:WEST 2s0,WET 0;5wuyo0:CET 2s0
Africa/Asmara|:LMT 778;-1g6t8j8:AMT 778,ADMT 76w,EAT 8c0
Africa/Asmera Africa/Nairobi|:LMT 6tg,EAT 8c0
Africa/Bamako|:LMT -1hc,GMT 0
Africa/Bangui|:LMT 3fw,WAT 2s0
Africa/Banjul|:LMT -330;-u9re90:BMT -330,GMT 0
Africa/Bissau|:LMT -2vw,GMT 0
Africa/Blantyre|:LMT 6hc,ZMT 6ja 6j0,CAT 5k0
Africa/Brazzaville|:LMT 2tw,WAT 2s0
Africa/Bujumbura|:LMT 5fs,CAT 5k0
Africa/Cairo Egypt|:LMT 5sl,EET 5k0,EEST 8c0
Africa/Casablanca|:LMT -1ek
Africa/Ceuta|:LMT -zg,WET 0,WEST 2s0;7eveo0:CET 2s0,CEST 5k0
Africa/Conakry|:LMT -2jg,GMT 0
Africa/Dakar|:LMT -388,GMT 0
Africa/Dar_es_Salaam|:LMT 79w,EAT 8c0
Africa/Djibouti|:LMT 7zo,EAT 8c0
Africa/Douala|:LMT 1so,WAT 2s0
Africa/El_Aaiun|:LMT -2g0
Africa/Freetown|:LMT -2gc;-19xcavo:FMT -2gc,GMT 0
Africa/Gaborone|:LMT 4ss,SAST 460,CAT 5k0,CAST 8c0
Africa/Harare|:LMT 5r0,CAT 5k0
Africa/Johannesburg|:LMT 56o,SAST 460 5k0 8c0
Africa/Juba|:LMT 5us,CAT 5k0,CAST 8c0;fodfs0:EAT 8c0,CAT 5k0
Africa/Kampala|:LMT 604,EAT 8c0
Africa/Khartoum|:LMT 60w,CAT 5k0,CAST 8c0;fodfs0:EAT 8c0,CAT 5k0
Africa/Kigali|:LMT 5kg,CAT 5k0
Africa/Kinshasa|:LMT 2u0,WAT 2s0
Africa/Lagos|:LMT mn,GMT 0,WAT 2s0
Africa/Libreville|:LMT 1r0,WAT 2s0
Africa/Lome|:LMT 84,GMT 0
Africa/Luanda|:LMT 2g8 2es,WAT 2s0
Africa/Lubumbashi|:LMT 534,WAT 2s0,CAT 5k0
Africa/Lusaka|:LMT 58k,CAT 5k0
Africa/Malabo|:LMT 1mk,GMT 0,WAT 2s0
Africa/Maputo|:LMT 616,CAT 5k0
Africa/Maseru|:LMT 53c,SAST 5k0 8c0
Africa/Mbabane|:LMT 5rc,SAST 5k0
Africa/Mogadishu|:LMT 8eg,EAT 8c0
Africa/Monrovia|:LMT -1zw;-19xcbc4:MMT -1zw -226,GMT 0
Africa/Ndjamena|:LMT 2sc,WAT 2s0,WAST 5k0
Africa/Niamey|:LMT e4,GMT 0,WAT 2s0
Africa/Nouakchott|:LMT -2yc,GMT 0
Africa/Ouagadougou|:LMT -a4,GMT 0
Africa/Porto-Novo|:LMT hg,GMT 0,WAT 2s0
Africa/Sao_Tome|:LMT 18w -1p9,GMT 0,WAT 2s0
Africa/Tripoli Libya|:LMT 2fw,CET 2s0,CEST 5k0;-5qotg0:EET 5k0,CET 2s0;6e3980:CEST 5k0,CET 2s0;am3h80:EET 5k0,CET 2s0;e833w0:CEST 5k0;ehhx40:EET 5k0,CET 2s0;mkeao0:CEST 5k0;mv76o0:EET 5k0
Africa/Tunis|:LMT 1vw,PMT fl,CET 2s0,CEST 5k0
Africa/Windhoek|:LMT 360,SAST 5k0 8c0;ajtx40:CAT 5k0,WAT 2s0
America/Adak America/Atka US/Aleutian|:LMT xya -wpq,NST -uk0,NWT -rs0;-cq2tg0:NPT -rs0,NST -uk0;-1fq440:BST -uk0,BDT -rs0;77ss00:AHST -rs0;79e140:HST -rs0,HDT -p00
America/Anchorage US/Alaska|:LMT 12wo -rrc,AST -rs0,AWT -p00;-cq2tg0:APT -p00,AST -rs0;-1fq6w0:AHST -rs0,AHDT -p00;77sp80:YST -p00;79dyc0:AKST -p00,AKDT -m80
America/Anguilla|:LMT -bog,AST -b40
America/Antigua|:LMT -bg0,EST -dw0,AST -b40
America/Araguaina|:LMT -8xc
America/Argentina/Buenos_Aires America/Buenos_Aires|:LMT -ato,CMT -bw0
America/Argentina/Catamarca America/Argentina/ComodRivadavia America/Catamarca|:LMT -c6k,CMT -bw0
America/Argentina/Cordoba America/Cordoba America/Rosario|:LMT -bw0;-138a9g0:CMT -bw0
America/Argentina/Jujuy America/Jujuy|:LMT -c3c,CMT -bw0
America/Argentina/La_Rioja|:LMT -cdo,CMT -bw0
America/Argentina/Mendoza America/Mendoza|:LMT -cqs,CMT -bw0
America/Argentina/Rio_Gallegos|:LMT -ctg,CMT -bw0
America/Argentina/Salta|:LMT -c44,CMT -bw0
America/Argentina/San_Juan|:LMT -cos,CMT -bw0
America/Argentina/San_Luis|:LMT -cac,CMT -bw0
America/Argentina/Tucuman|:LMT -c2s,CMT -bw0
America/Argentina/Ushuaia|:LMT -cnc,CMT -bw0
America/Aruba|:LMT -czc,AST -b40
America/Asuncion|:LMT -aog;-15r0ynk:AMT -aog
America/Atikokan|:LMT -gys,CST -go0,CDT -dw0;-ek21s0:CWT -dw0;-cq2tg0:CPT -dw0;-cnp0k0:EST -dw0
America/Bahia|:LMT -74s
America/Bahia_Banderas|:LMT -jho,MST -jg0,CST -go0;-k6mpw0:MDT -go0,MST -jg0;-jpan80:CST -go0,MST -jg0;dphic0:MDT -go0,MST -jg0,CDT -dw0;lb57g0:CST -go0,CDT -dw0
America/Barbados|:LMT -b1h,AST -b40,ADT -8c0
America/Belem|:LMT -8z8
America/Belize|:LMT -gc0,CST -go0,CWT -dw0;-cq2tg0:CPT -dw0,CST -go0;21s0o0:CDT -dw0,CST -go0
America/Blanc-Sablon|:LMT -aks,AST -b40,ADT -8c0;-ek27c0:AWT -8c0;-cq2tg0:APT -8c0,AST -b40
America/Boa_Vista|:LMT -b8g
America/Bogota|:LMT -dps;-18s2sy8:BMT -dps
America/Boise|:LMT -lip,PST -m80,PDT -jg0;-oc9iw0:MST -jg0,MWT -go0;-cq2tg0:MPT -go0,MST -jg0;-1e8kc0:MDT -go0,MST -jg0
America/Cambridge_Bay|:-00 0,MST -jg0,MWT -go0;-cq2tg0:MPT -go0,MST -jg0;17qro0:MDT -go0,MST -jg0;fkgjk0:CST -go0,CDT -dw0;g36jg0:EST -dw0,CST -go0;gb3vo0:MDT -go0,MST -jg0
America/Campo_Grande|:LMT -a44
America/Cancun|:LMT -g2g,CST -go0,EST -dw0;dphfk0:CDT -dw0,CST -go0;eincs0:EST -dw0,EDT -b40;ex1so0:CDT -dw0,CST -go0;nj3280:EST -dw0
America/Caracas|:LMT -ce8,CMT -ce4
America/Cayenne|:LMT -9ow
America/Cayman|:LMT -f2k,KMT -e7y,EST -dw0
America/Chicago US/Central|:LMT -g8c,CST -go0,CDT -dw0;-hnqf40:EST -dw0,CST -go0;-h24n40:CDT -dw0,CST -go0;-ek21s0:CWT -dw0;-cq2tg0:CPT -dw0,CST -go0;-ccw1s0:CDT -dw0,CST -go0
America/Chihuahua|:LMT -jn8,MST -jg0,CST -go0;-k6mpw0:MDT -go0,MST -jg0;-jpan80:CST -go0,CDT -dw0;eqxno0:MDT -go0,MST -jg0;rkk3k0:CST -go0
America/Ciudad_Juarez|:LMT -jpw,MST -jg0,CST -go0;-k6mpw0:MDT -go0,MST -jg0;-jpan80:CST -go0,CDT -dw0;eqxno0:MDT -go0,MST -jg0;rkk3k0:CST -go0,MST -jg0;rreh00:MDT -go0,MST -jg0
America/Coral_Harbour America/Panama|:LMT -eq8,CMT -eso,EST -dw0
America/Costa_Rica|:LMT -fkd;-15r0trn:SJMT -fkd,CST -go0,CDT -dw0
America/Coyhaique|:LMT -dcg,SMT -d39
America/Creston|:LMT -lks,MST -jg0,PST -m80
America/Cuiaba|:LMT -adw
America/Curacao|:LMT -crn,AST -b40
America/Danmarkshavn|:LMT -3gg,GMT 0
America/Dawson|:LMT -ptg,YST -p00,YDT -m80;-ek1tg0:YWT -m80;-cq2tg0:YPT -m80,YST -p00,YDDT -jg0;1ztvo0:PST -m80,PDT -jg0;qj3vg0:MST -jg0
America/Dawson_Creek|:LMT -m9k,PST -m80,PDT -jg0;-ek1w80:PWT -jg0;-cq2tg0:PPT -jg0,PST -m80;-bu5tk0:PDT -jg0,PST -m80;1e0p00:MST -jg0
America/Denver America/Shiprock Navajo US/Mountain|:LMT -jfw,MST -jg0,MDT -go0;-ek1z00:MWT -go0;-cq2tg0:MPT -go0,MST -jg0;-2g1oc0:MDT -go0,MST -jg0
America/Detroit US/Michigan|:LMT -fdn,CST -go0,EST -dw0,EWT -b40;-cq2tg0:EPT -b40,EST -dw0;-bbfz80:EDT -b40,EST -dw0
America/Dominica|:LMT -bdc,AST -b40
America/Edmonton America/Yellowknife Canada/Mountain|:LMT -l0g,MST -jg0,MDT -go0;-ek1z00:MWT -go0;-cq2tg0:MPT -go0,MST -jg0;-bu5wc0:MDT -go0,MST -jg0
America/Eirunepe|:LMT -cxs
America/El_Salvador|:LMT -gio,CST -go0,CDT -dw0
America/Ensenada America/Santa_Isabel America/Tijuana Mexico/BajaNorte|:LMT -lo4,MST -jg0,PST -m80;-k84cg0:PDT -jg0,PST -m80;-eg90g0:PWT -jg0;-cq2tg0:PPT -jg0,PST -m80;-bcgxs0:PDT -jg0,PST -m80
America/Fort_Nelson|:LMT -mpz,PST -m80,PDT -jg0;-ek1w80:PWT -jg0;-cq2tg0:PPT -jg0,PST -m80;-bu5tk0:PDT -jg0,PST -m80;nkw140:MST -jg0
America/Fort_Wayne America/Indiana/Indianapolis America/Indianapolis US/East-Indiana|:LMT -fye,CST -go0,CDT -dw0;-ek21s0:CWT -dw0;-cq2tg0:CPT -dw0,CST -go0;-ccw1s0:CDT -dw0,CST -go0;-7o0f40:EST -dw0,CST -go0,EDT -b40
America/Fortaleza|:LMT -74o
America/Glace_Bay|:LMT -b3o,AST -b40,ADT -8c0;-ek27c0:AWT -8c0;-cq2tg0:APT -8c0,AST -b40;-8pgq00:ADT -8c0,AST -b40
America/Godthab America/Nuuk|:LMT -9kw
America/Goose_Bay|:LMT -b6s,NST -9rg -9q0,NDT -6zg -6y0;-efdvm0:NWT -6y0;-cq2tg0:NPT -6y0,NST -9q0;-cc6be0:NDT -6y0,NST -9q0,AST -b40,ADT -8c0,ADDT -5k0
America/Grand_Turk|:LMT -d68,KMT -e7y,EST -dw0,EDT -b40;nkvss0:AST -b40;p5ezg0:EDT -b40,EST -dw0
America/Grenada|:LMT -bfo,AST -b40
America/Guadeloupe|:LMT -be8,AST -b40
America/Guatemala|:LMT -grg,CST -go0,CDT -dw0
America/Guayaquil|:LMT -es8,QMT -ejc
America/Guyana|:LMT -arr
America/Halifax Canada/Atlantic|:LMT -bs0,AST -b40,ADT -8c0;-ek27c0:AWT -8c0;-cq2tg0:APT -8c0,AST -b40;-ccw7c0:ADT -8c0,AST -b40
America/Havana Cuba|:LMT -f94,HMT -f9c,CST -dw0,CDT -b40
America/Hermosillo|:LMT -kjs,MST -jg0,CST -go0;-k6mpw0:MDT -go0,MST -jg0;-jpan80:CST -go0,MST -jg0;dphic0:MDT -go0,MST -jg0
America/Indiana/Knox America/Knox_IN US/Indiana-Starke|:LMT -g1i,CST -go0,CDT -dw0;-ek21s0:CWT -dw0;-cq2tg0:CPT -dw0,CST -go0;-bu5z40:CDT -dw0,CST -go0;-407z40:EST -dw0,CST -go0;-1e8n40:CDT -dw0,CST -go0;bdxy40:EST -dw0;ix3240:CDT -dw0,CST -go0
America/Indiana/Marengo|:LMT -fzn,CST -go0,CDT -dw0;-ek21s0:CWT -dw0;-cq2tg0:CPT -dw0,CST -go0;-9qwps0:CDT -dw0,CST -go0;-4iy1s0:EST -dw0,EDT -b40;23fcs0:CDT -dw0;2ijss0:EST -dw0,EDT -b40
America/Indiana/Petersburg|:LMT -g5v,CST -go0,CDT -dw0;-ek21s0:CWT -dw0;-cq2tg0:CPT -dw0,CST -go0;-7nnm00:CDT -dw0,CST -go0;-2g1r40:EST -dw0,CST -go0;-1e8n40:CDT -dw0,CST -go0;432zg0:EST -dw0;ix3240:CDT -dw0,CST -go0;jqyzg0:EST -dw0,EDT -b40
America/Indiana/Tell_City|:LMT -g2f,CST -go0,CDT -dw0;-ek21s0:CWT -dw0;-cq2tg0:CPT -dw0,CST -go0;-7nnm00:CDT -dw0,CST -go0;-2yrts0:EST -dw0,CST -go0;-vikg0:CDT -dw0,CST -go0,EDT -b40;-3fm00:EST -dw0,EDT -b40;ix3240:CDT -dw0,CST -go0
America/Indiana/Vevay|:LMT -fr4,CST -go0,CDT -dw0;-ek21s0:CWT -dw0;-cq2tg0:CPT -dw0,CST -go0;-86qhs0:EST -dw0,EDT -b40
America/Indiana/Vincennes|:LMT -g7j,CST -go0,CDT -dw0;-ek21s0:CWT -dw0;-cq2tg0:CPT -dw0,CST -go0;-ccw1s0:CDT -dw0,CST -go0;-2yrts0:EST -dw0,EDT -b40;ix3240:CDT -dw0,CST -go0;jqyzg0:EST -dw0,EDT -b40
America/Indiana/Winamac|:LMT -g1d,CST -go0,CDT -dw0;-ek21s0:CWT -dw0;-cq2tg0:CPT -dw0,CST -go0;-ccw1s0:CDT -dw0,CST -go0;-4iy1s0:EST -dw0,EDT -b40;ix3240:CDT -dw0,CST -go0,EDT -b40;jqywo0:EST -dw0,EDT -b40
America/Inuvik|:-00 0,PST -m80,PDT -jg0,MDT -go0;54j7k0:MST -jg0,MDT -go0
America/Iqaluit America/Pangnirtung|:-00 0,EWT -b40;-cq2tg0:EPT -b40,EST -dw0;17qm40:EDT -b40,EST -dw0,CST -go0;fsdq80:CDT -dw0;g36jg0:EST -dw0,EDT -b40
America/Jamaica Jamaica|:LMT -e7y;-15r0v42:KMT -e7y,EST -dw0,EDT -b40
America/Juneau|:LMT 15rv -ow5,PST -m80,PWT -jg0;-cq2tg0:PPT -jg0,PST -m80;-csc80:PDT -jg0,PST -m80;5dweg0:YDT -m80;5n9fs0:PST -m80,PDT -jg0,YST -p00;79dyc0:AKST -p00,AKDT -m80
America/Kentucky/Louisville America/Louisville|:LMT -fvq,CST -go0,CDT -dw0;-ek21s0:CWT -dw0;-cq2tg0:CPT -dw0,CST -go0;-ccw7ac:CDT -dw0,CST -go0;-4emkk0:EST -dw0,EDT -b40;23fcs0:CDT -dw0;2ijss0:EST -dw0,EDT -b40
America/Kentucky/Monticello|:LMT -fpo,CST -go0,CDT -dw0;-ek21s0:CWT -dw0;-cq2tg0:CPT -dw0,CST -go0;-vikg0:CDT -dw0,CST -go0;g36jg0:EST -dw0,EDT -b40
America/Kralendijk America/Lower_Princes America/Marigot America/Puerto_Rico America/St_Barthelemy America/Virgin|:LMT -c8p,AST -b40,AWT -8c0;-cq2tg0:APT -8c0,AST -b40
America/La_Paz|:LMT -cmc;-15r0wpo:CMT -cmc,BST -9uc
America/Lima|:LMT -e9o -eac
America/Los_Angeles US/Pacific|:LMT -lwa,PST -m80,PDT -jg0;-ek1w80:PWT -jg0;-cq2tg0:PPT -jg0,PST -m80;-bdliuc:PDT -jg0,PST -m80
America/Maceio|:LMT -6m4
America/Managua|:LMT -fz8,MMT -fzc,CST -go0,EST -dw0;4t08o0:CDT -dw0,CST -go0;bhceg0:EST -dw0,CST -go0;iepvc0:CDT -dw0,CST -go0
America/Manaus Brazil/West|:LMT -b44
America/Martinique|:LMT -bb8;-15r0y0s:FFMT -bb8,AST -b40,ADT -8c0
America/Matamoros|:LMT -i20,CST -go0,CDT -dw0
America/Mazatlan Mexico/BajaSur|:LMT -jpg,MST -jg0,CST -go0;-k6mpw0:MDT -go0,MST -jg0;-jpan80:CST -go0,MST -jg0;dphic0:MDT -go0,MST -jg0
America/Menominee|:LMT -g83,CST -go0,CDT -dw0;-ek21s0:CWT -dw0;-cq2tg0:CPT -dw0,CST -go0;-ccw1s0:CDT -dw0,CST -go0;-cshs0:EST -dw0;1qgos0:CDT -dw0,CST -go0
America/Merida|:LMT -glg,CST -go0,EST -dw0;dphfk0:CDT -dw0,CST -go0
America/Metlakatla|:LMT 16au -od6,PST -m80,PWT -jg0;-cq2tg0:PPT -jg0,PST -m80;-csc80:PDT -jg0,PST -m80,AKST -p00;o3z580:AKDT -m80,AKST -p00;phnyg0:PST -m80,AKST -p00;po5d80:AKDT -m80,AKST -p00
America/Mexico_City Mexico/General|:LMT -id0,MST -jg0,CST -go0;-k6mpw0:MDT -go0,MST -jg0;-jpan80:CST -go0,CDT -dw0;-dlc7c0:CWT -dw0,CST -go0;-adljc0:CDT -dw0,CST -go0
America/Miquelon|:LMT -aeg,AST -b40
America/Moncton|:LMT -bzw,EST -dw0,AST -b40,ADT -8c0;-ek27c0:AWT -8c0;-cq2tg0:APT -8c0,AST -b40;-ccw7c0:ADT -8c0,AST -b40
America/Monterrey|:LMT -iks,MST -jg0,CST -go0;-k6mpw0:MDT -go0,MST -jg0;-jpan80:CST -go0,CDT -dw0
America/Montevideo|:LMT -aer;-w4mll9:MMT -aer
America/Montreal America/Nipigon America/Thunder_Bay America/Toronto Canada/Eastern|:LMT -ep8,EST -dw0,EDT -b40;-ek24k0:EWT -b40;-cq2tg0:EPT -b40,EST -dw0;-ccw4k0:EDT -b40,EST -dw0
America/Montserrat|:LMT -bis,AST -b40
America/Nassau|:LMT -ebu,EST -dw0,EWT -b40;-cq2tg0:EPT -b40,EST -dw0;-2yrwk0:EDT -b40,EST -dw0
America/New_York US/Eastern|:LMT -dpe,EST -dw0,EDT -b40;-ek24k0:EWT -b40;-cq2tg0:EPT -b40,EST -dw0;-ccw4k0:EDT -b40,EST -dw0
America/Nome|:LMT 101a -umq,NST -uk0,NWT -rs0;-cq2tg0:NPT -rs0,NST -uk0;-1fq440:BST -uk0,BDT -rs0,YST -p00;79dyc0:AKST -p00,AKDT -m80
America/Noronha Brazil/DeNoronha|:LMT -604
America/North_Dakota/Beulah|:LMT -iuj,MST -jg0,MDT -go0;-ek1z00:MWT -go0;-cq2tg0:MPT -go0,MST -jg0;-1e8kc0:MDT -go0,MST -jg0;lbi8w0:CST -go0,CDT -dw0
America/North_Dakota/Center|:LMT -irc,MST -jg0,MDT -go0;-ek1z00:MWT -go0;-cq2tg0:MPT -go0,MST -jg0;-1e8kc0:MDT -go0,MST -jg0;bwo3k0:CST -go0,CDT -dw0
America/North_Dakota/New_Salem|:LMT -is3,MST -jg0,MDT -go0;-ek1z00:MWT -go0;-cq2tg0:MPT -go0,MST -jg0;-1e8kc0:MDT -go0,MST -jg0;hncu80:CST -go0,CDT -dw0
America/Ojinaga|:LMT -jc4,MST -jg0,CST -go0;-k6mpw0:MDT -go0,MST -jg0;-jpan80:CST -go0,CDT -dw0;eqxno0:MDT -go0,MST -jg0;rkk3k0:CST -go0,CDT -dw0
America/Paramaribo|:LMT -a7s,PMT -a84 -a7o
America/Phoenix US/Arizona|:LMT -kr6,MST -jg0,MDT -go0;-ek1z00:MWT -go0,MST -jg0;-1e8kc0:MDT -go0,MST -jg0
America/Port-au-Prince|:LMT -de8,PPMT -ddo,EST -dw0,EDT -b40
America/Port_of_Spain|:LMT -be4,AST -b40
America/Porto_Acre America/Rio_Branco Brazil/Acre|:LMT -ck0
America/Porto_Velho|:LMT -bu0
America/Punta_Arenas|:LMT -d4s,SMT -d39
America/Rainy_River America/Winnipeg Canada/Central|:LMT -hzo,CST -go0,CDT -dw0;-ek21s0:CWT -dw0;-cq2tg0:CPT -dw0,CST -go0;-cc64g0:CDT -dw0,CST -go0
America/Rankin_Inlet|:-00 0,CST -go0,CDT -dw0;g36jg0:EST -dw0;gb3sw0:CDT -dw0,CST -go0
America/Recife|:LMT -6go
America/Regina Canada/Saskatchewan|:LMT -jdo,MST -jg0,MDT -go0;-ek1z00:MWT -go0;-cq2tg0:MPT -go0,MST -jg0;-cdlwc0:MDT -go0,MST -jg0;-5210c0:CST -go0
America/Resolute|:-00 0,CST -go0,CDT -dw0;g36jg0:EST -dw0;gb3sw0:CDT -dw0,CST -go0;j7vy40:EST -dw0;jeqbk0:CDT -dw0,CST -go0
America/Santarem|:LMT -a4o
America/Santiago Chile/Continental|:LMT -d39;-15r0w8r:SMT -d39
America/Santo_Domingo|:LMT -cy0,SDMT -cyo,EST -dw0,EDT -b40;2ijn80:AST -b40,EST -dw0
America/Sao_Paulo Brazil/East|:LMT -8ms
America/Scoresbysund|:LMT -42g
America/Sitka|:LMT 15lz -p21,PST -m80,PWT -jg0;-cq2tg0:PPT -jg0,PST -m80;-csc80:PDT -jg0,PST -m80,YST -p00;79dyc0:AKST -p00,AKDT -m80
America/St_Johns Canada/Newfoundland|:LMT -9rg;-18vs8wk:NST -9rg -9q0,NDT -6zg -6y0;-efdvm0:NWT -6y0;-cq2tg0:NPT -6y0,NST -9q0;-cc6be0:NDT -6y0,NST -9q0,NDDT -460
America/St_Kitts|:LMT -bm4,AST -b40
America/St_Lucia|:LMT -bao;-15r0y1c:CMT -bao,AST -b40
America/St_Thomas|:LMT -c0w,AST -b40
America/St_Vincent|:LMT -bc8;-15r0xzs:KMT -bc8,AST -b40
America/Swift_Current|:LMT -jyw,MST -jg0,MDT -go0;-ek1z00:MWT -go0;-cq2tg0:MPT -go0,MST -jg0;-ccvz00:MDT -go0,MST -jg0;17qro0:CST -go0
America/Tegucigalpa|:LMT -g5g,CST -go0,CDT -dw0
America/Thule|:LMT -cqk,AST -b40,ADT -8c0
America/Tortola|:LMT -bys,AST -b40
America/Vancouver Canada/Pacific|:LMT -mss,PST -m80,PDT -jg0;-ek1w80:PWT -jg0;-cq2tg0:PPT -jg0,PST -m80;-ccvw80:PDT -jg0,PST -m80
America/Whitehorse Canada/Yukon|:LMT -p0c,YST -p00,YDT -m80;-ek1tg0:YWT -m80;-cq2tg0:YPT -m80,YST -p00,YDDT -jg0;-207b00:PST -m80,PDT -jg0;qj3vg0:MST -jg0
America/Yakutat|:LMT 14sh -pvj,YST -p00,YWT -m80;-cq2tg0:YPT -m80,YST -p00;-cs9g0:YDT -m80,YST -p00;79dyc0:AKST -p00,AKDT -m80
Antarctica/Casey|:-00 0
Antarctica/Davis Antarctica/Vostok|:-00 0
Antarctica/DumontDUrville|:-00 0
Antarctica/Macquarie|:-00 0,AEST rs0,AEDT uk0
Antarctica/Mawson|:-00 0
Antarctica/McMurdo|:-00 0,NZST xc0,NZDT 1040
Antarctica/Palmer|:-00 0
Antarctica/Rothera|:-00 0
Antarctica/South_Pole NZ Pacific/Auckland|:LMT wd4,NZMT vy0,NZST yq0 xc0,NZDT 1040
Antarctica/Syowa|:-00 0
Antarctica/Troll|:-00 0;ibruo0:
Arctic/Longyearbyen Atlantic/Jan_Mayen Europe/Berlin|:LMT 2h4,CET 2s0,CEST 5k0,CEMT 8c0
Asia/Aden|:LMT 8bu
Asia/Almaty|:LMT e90
Asia/Amman|:LMT 6nk,EET 5k0,EEST 8c0;rkfmg0:
Asia/Anadyr|:LMT wv8
Asia/Aqtau|:LMT 9b4
Asia/Aqtobe|:LMT al4
Asia/Ashgabat Asia/Ashkhabad|:LMT at8
Asia/Atyrau|:LMT 9m8
Asia/Baghdad|:LMT 884,BMT 880
Asia/Bahrain|:LMT 9d8
Asia/Baku|:LMT 98c
Asia/Bangkok|:LMT im4;-1ayyla4:BMT im4
Asia/Barnaul|:LMT fic
Asia/Beirut|:LMT 6ko,EET 5k0,EEST 8c0
Asia/Bishkek|:LMT dtc
Asia/Brunei|:LMT la4
Asia/Calcutta Asia/Kolkata|:LMT gd4,HMT gcw,MMT eva,IST fa0
Asia/Chita|:LMT l0g
Asia/Choibalsan Asia/Ulaanbaatar Asia/Ulan_Bator|:LMT jsk
Asia/Chongqing Asia/Chungking Asia/Harbin Asia/Shanghai PRC|:LMT mhj,CST m80,CDT p00
Asia/Colombo|:LMT esc,MMT esk
Asia/Dacca Asia/Dhaka|:LMT gqs,HMT gcw
Asia/Damascus|:LMT 6q0,EET 5k0,EEST 8c0;rkfjo0:
Asia/Dili|:LMT n98
Asia/Dubai|:LMT a8o
Asia/Dushanbe|:LMT cqo
Asia/Famagusta|:LMT 6ac,EET 5k0,EEST 8c0;od5jo0:EET 5k0;p64g40:EEST 8c0,EET 5k0
Asia/Gaza|:LMT 6ds,EET 5k0,EEST 8c0;-1ceto0:IST 5k0,IDT 8c0;dkh140:EET 5k0,EEST 8c0
Asia/Hebron|:LMT 6hz,EET 5k0,EEST 8c0;-1ceto0:IST 5k0,IDT 8c0;dkh140:EET 5k0,EEST 8c0
Asia/Ho_Chi_Minh Asia/Saigon|:LMT jqu;-x5692u:PLMT jqu
Asia/Hong_Kong Hongkong|:LMT l56,HKT m80,HKST p00,HKWT nm0;-emgia0:JST p00,HKT m80;-cda8w0:HKST p00,HKT m80
Asia/Hovd|:LMT gz0
Asia/Irkutsk|:LMT jb5;-1ayylz5:IMT jb5
Asia/Istanbul Europe/Istanbul Turkey|:LMT 5d4,IMT 5ew,EET 5k0,EEST 8c0;4fid00:EET 5k0;7zg2k0:EEST 8c0,EET 5k0;od3p00:
Asia/Jakarta|:LMT js0;-1hftyg0:BMT js0,WIB jg0
Asia/Jayapura|:LMT q20;-34rzq0:WIT p00
Asia/Jerusalem Asia/Tel_Aviv Israel|:LMT 6iu,JMT 6ig,IST 5k0,IDT 8c0,IDDT b40
Asia/Kabul|:LMT ctc
Asia/Kamchatka|:LMT tdo
Asia/Karachi|:LMT cf0;n33g0:PKT dw0,PKST go0
Asia/Kashgar Asia/Urumqi|:LMT g7w
Asia/Kathmandu Asia/Katmandu|:LMT fss
Asia/Khandyga|:LMT p3p
Asia/Krasnoyarsk|:LMT h72
Asia/Kuala_Lumpur|:LMT ity,SMT j8d
Asia/Kuching|:LMT kfk
Asia/Kuwait|:LMT 8vw
Asia/Macao Asia/Macau|:LMT l0y,CST m80;-ccrt00:CDT p00,CST m80
Asia/Magadan|:LMT rxc
Asia/Makassar Asia/Ujung_Pandang|:LMT m40;-q3gzg0:MMT m40;-co37o0:WITA m80
Asia/Manila|:LMT -189k meg,PST m80,PDT p00;-ejxt00:JST p00;-cyj500:PDT p00,PST m80
Asia/Muscat|:LMT auo
Asia/Nicosia Europe/Nicosia|:LMT 66g,EET 5k0,EEST 8c0
Asia/Novokuznetsk|:LMT g5c
Asia/Novosibirsk|:LMT fcs
Asia/Omsk|:LMT dl6
Asia/Oral|:LMT 9ic
Asia/Phnom_Penh|:LMT jfg,PLMT jqu
Asia/Pontianak|:LMT k8w;-w6piww:PMT k8w;-34ru60:WITA m80,WIB jg0
Asia/Pyongyang|:LMT nac,KST nm0,JST p00;-cpmro0:KST p00 nm0
Asia/Qatar|:LMT 9jk
Asia/Qostanay|:LMT bs4
Asia/Qyzylorda|:LMT c4g
Asia/Rangoon Asia/Yangon|:LMT htb;-1ayykhb:RMT htb
Asia/Riyadh|:LMT 8ng
Asia/Sakhalin|:LMT qfc
Asia/Samarkand|:LMT ceh
Asia/Seoul ROK|:LMT nig,KST nm0,JST p00;-couzo0:KST p00 nm0,KDT rs0 qe0
Asia/Singapore Singapore|:LMT j8d;-100ewkd:SMT j8d
Asia/Srednekolymsk|:LMT sgs
Asia/Taipei ROC|:LMT mi0,CST m80,JST p00;-cc1sw0:CDT p00,CST m80
Asia/Tashkent|:LMT ctz
Asia/Tbilisi|:LMT 8an;-1ayyayn:TBMT 8an
Asia/Tehran Iran|:LMT 9iw;-s6m6uw:TMT 9iw
Asia/Thimbu Asia/Thimphu|:LMT glo
Asia/Tokyo Japan|:LMT pvn,JST p00,JDT rs0
Asia/Tomsk|:LMT fqf
Asia/Ust-Nera|:LMT qiu
Asia/Vientiane|:LMT j00,PLMT jqu
Asia/Vladivostok|:LMT of7
Asia/Yakutsk|:LMT o0y
Asia/Yekaterinburg|:LMT b89,PMT af5
Asia/Yerevan|:LMT 88o
Atlantic/Azores|:LMT -4r4,HMT -5aw;bzwaw0:WET 0,WEST 2s0;c8qqs0:
Atlantic/Bermuda|:LMT -c06;-15r0xbu:BMT -c06,BST -986,AST -b40,ADT -8c0
Atlantic/Canary|:LMT -2uo,WET 0,WEST 2s0
Atlantic/Cape_Verde|:LMT -4cs
Atlantic/Faeroe Atlantic/Faroe|:LMT -194,WET 0,WEST 2s0
Atlantic/Madeira|:LMT -34o;-18vsfjc:FMT -34o;-1p1x00:WET 0,WEST 2s0
Atlantic/Reykjavik|:LMT -42o;-wlx40:GMT 0
Atlantic/South_Georgia|:LMT -6rk
Atlantic/St_Helena|:LMT -120;-15r18a0:JMT -120,GMT 0
Atlantic/Stanley|:LMT -apo;-15r0ymc:SMT -apo
Australia/ACT Australia/Canberra Australia/NSW Australia/Sydney|:LMT s04,AEST rs0,AEDT uk0
Australia/Adelaide Australia/South|:LMT pnw,ACST p00 qe0,ACDT t60
Australia/Brisbane Australia/Queensland|:LMT sc8,AEST rs0,AEDT uk0
Australia/Broken_Hill Australia/Yancowinna|:LMT q70,AEST rs0,ACST p00 qe0,ACDT t60
Australia/Currie Australia/Hobart Australia/Tasmania|:LMT ra4,AEST rs0,AEDT uk0
Australia/Darwin Australia/North|:LMT o88,ACST p00 qe0,ACDT t60
Australia/Eucla|:LMT nv4
Australia/LHI Australia/Lord_Howe|:LMT tgk,AEST rs0
Australia/Lindeman|:LMT rl8,AEST rs0,AEDT uk0
Australia/Melbourne Australia/Victoria|:LMT qug,AEST rs0,AEDT uk0
Australia/Perth Australia/West|:LMT lgc,AWST m80,AWDT p00
CET|:CET 2s0,CEST 5k0
CST6CDT|:CST -go0,CDT -dw0;-ek21s0:CWT -dw0;-cq2tg0:CPT -dw0,CST -go0;-1e8n40:CDT -dw0,CST -go0
Chile/EasterIsland Pacific/Easter|:LMT -k94;-15r0p2w:EMT -k94
EET|:EET 5k0,EEST 8c0
EST|:EST -dw0
EST5EDT|:EST -dw0,EDT -b40;-ek24k0:EWT -b40;-cq2tg0:EPT -b40,EST -dw0;-1e8pw0:EDT -b40,EST -dw0
Eire Europe/Dublin|:LMT -169;-1anxqtr:DMT -169,IST 1lr,GMT 0,BST 2s0;-oxiyg0:IST 2s0,GMT 0
Etc/GMT Etc/GMT+0 Etc/GMT-0 Etc/GMT0 Etc/Greenwich GMT GMT+0 GMT-0 GMT0 Greenwich|:GMT 0
Etc/GMT+1|:
Etc/GMT+10|:
Etc/GMT+11|:
Etc/GMT+12|:
Etc/GMT+2|:
Etc/GMT+3|:
Etc/GMT+4|:
Etc/GMT+5|:
Etc/GMT+6|:
Etc/GMT+7|:
Etc/GMT+8|:
Etc/GMT+9|:
Etc/GMT-1|:
Etc/GMT-10|:
Etc/GMT-11|:
Etc/GMT-12|:
Etc/GMT-13|:
Etc/GMT-14|:
Etc/GMT-2|:
Etc/GMT-3|:
Etc/GMT-4|:
Etc/GMT-5|:
Etc/GMT-6|:
Etc/GMT-7|:
Etc/GMT-8|:
Etc/GMT-9|:
Etc/UCT Etc/UTC Etc/Universal Etc/Zulu UCT UTC Universal Zulu|:UTC 0
Europe/Amsterdam|:LMT wk;-1ygf4wk:AMT wk,NST 3ok,CEST 5k0,CET 2s0
Europe/Andorra|:LMT a4,WET 0,CET 2s0,CEST 5k0
Europe/Astrakhan|:LMT 8wc
Europe/Athens|:LMT 4e4;-12rxtq4:AMT 4e4,EET 5k0,EEST 8c0;-eyqoc0:CEST 5k0,CET 2s0;-dfp1g0:EET 5k0,EEST 8c0
Europe/Belfast Europe/London GB GB-Eire|:LMT -23,GMT 0,BST 2s0,BDST 5k0
Europe/Belgrade Europe/Podgorica|:LMT 3so,CET 2s0,CEST 5k0
Europe/Bratislava Europe/Prague|:LMT 2o8;-1qmkw08:PMT 2o8,CET 2s0,CEST 5k0,GMT 0
Europe/Brussels|:LMT t6;-1ayy3h6:BMT t6,WET 0,CET 2s0,CEST 5k0;-qj59g0:WEST 2s0,WET 0,CEST 5k0;-e6dzw0:CET 2s0,CEST 5k0
Europe/Bucharest|:LMT 4u0;-14u7wu0:BMT 4u0,EET 5k0,EEST 8c0
Europe/Budapest|:LMT 3j8,CET 2s0,CEST 5k0
Europe/Busingen Europe/Zurich|:LMT 1kw,BMT 1dm,CET 2s0,CEST 5k0
Europe/Chisinau Europe/Tiraspol|:LMT 5c8,CMT 5bo,BMT 4u0,EET 5k0,EEST 8c0;-euq8c0:CEST 5k0,CET 2s0,MSK 8c0,MSD b40;am73s0:EEST 8c0,EET 5k0
Europe/Copenhagen|:LMT 2bw;-15r1bnw:CMT 2bw,CET 2s0,CEST 5k0
Europe/Gibraltar|:LMT -zo,GMT 0,BST 2s0,BDST 5k0;-6mxp40:CET 2s0,CEST 5k0
Europe/Guernsey|:LMT -gx,GMT 0,BST 2s0,CEST 5k0;-e6dzw0:CET 2s0,CEST 5k0;-cv6880:BDST 5k0,BST 2s0,GMT 0
Europe/Helsinki Europe/Mariehamn|:LMT 4md;-1bss9yd:HMT 4md,EET 5k0,EEST 8c0
Europe/Isle_of_Man|:LMT -tv,GMT 0,BST 2s0,BDST 5k0
Europe/Jersey|:LMT -e2,GMT 0,BST 2s0,CEST 5k0;-e6dzw0:CET 2s0,CEST 5k0;-cv6880:BDST 5k0,BST 2s0,GMT 0
Europe/Kaliningrad|:LMT 3so,CET 2s0,CEST 5k0;-cwm2w0:EET 5k0,EEST 8c0;-cdzpk0:MSK 8c0,MSD b40;a1bbw0:EEST 8c0,EET 5k0;liow00:EET 5k0
Europe/Kiev Europe/Kyiv Europe/Uzhgorod Europe/Zaporozhye|:LMT 5ng;-1ayy8bg:KMT 5ng,EET 5k0,MSK 8c0;-erdv00:CEST 5k0,CET 2s0,MSK 8c0,MSD b40;ap2t40:EEST 8c0,EET 5k0
Europe/Kirov|:LMT 97c;a1b940:MSD b40,MSK 8c0;b34fw0:;blufs0:MSD b40,MSK 8c0;liot80:MSK b40 8c0
Europe/Lisbon Portugal|:LMT -1p9,WET 0,WEST 2s0,WEMT 5k0;-1p1zs0:CET 2s0,WET 0;3rwlc0:WEST 2s0,WET 0;bv7pg0:CET 2s0,CEST 5k0;dp3xg0:WEST 2s0,WET 0
Europe/Ljubljana Europe/Malta|:LMT 2os,CET 2s0,CEST 5k0
Europe/Luxembourg|:LMT 150,CET 2s0,CEST 5k0,WET 0;-qj59g0:WEST 2s0 5k0,WET 0;-e6dzw0:WET 2s0,WEST 5k0;-d73mk0:CET 2s0,CEST 5k0
Europe/Madrid|:LMT -ok,WET 0,WEST 2s0,WEMT 5k0;-fjrxg0:CET 2s0,CEST 5k0
Europe/Minsk|:LMT 53s,MMT 53c,EET 5k0,MSK 8c0;-evpf00:CEST 5k0,CET 2s0,MSK 8c0,MSD b40;b34fw0:EEST 8c0,EET 5k0;liow00:
Europe/Monaco|:LMT 1d8,PMT fl,WET 0,WEST 2s0,WEMT 5k0;-cofek0:CET 2s0,CEST 5k0
Europe/Moscow W-SU|:LMT 6yh;-1ayy9mh:MMT 6yh 707,MST 9s7,MDST ck7,MSD b40,MSK 8c0,EET 5k0;b34fw0:EEST 8c0,EET 5k0;bi8yo0:MSK 8c0,MSD b40;liot80:MSK b40 8c0
Europe/Oslo|:LMT 1zo,CET 2s0,CEST 5k0
Europe/Paris|:LMT fl;-154gb3l:PMT fl,WET 0,WEST 2s0,CEST 5k0;-e6dzw0:CET 2s0,CEST 5k0;-d8caw0:WEMT 5k0,WEST 2s0;-cofek0:CET 2s0,CEST 5k0
Europe/Riga|:LMT 4gy;-1ayy74y:RMT 4gy,LST 78y,EET 5k0,MSK 8c0;-evjv00:CEST 5k0,CET 2s0,MSK 8c0,MSD b40;a1bbw0:EEST 8c0,EET 5k0
Europe/Rome Europe/San_Marino Europe/Vatican|:LMT 2b8;-1hs7rn8:RMT 2b8,CET 2s0,CEST 5k0
Europe/Samara|:LMT 99w
Europe/Sarajevo|:LMT 3es,CET 2s0,CEST 5k0
Europe/Saratov|:LMT 8j6
Europe/Simferopol|:LMT 6bc,SMT 6ao,EET 5k0,MSK 8c0;-ep8300:CEST 5k0,CET 2s0,MSK 8c0,MSD b40;ap2vw0:EET 5k0,EEST 8c0,MSD b40;cwnp80:MSK 8c0,MSD b40;e7u040:EEST 8c0,EET 5k0,MSK b40;ne0t40:MSK 8c0
Europe/Skopje|:LMT 3yw,CET 2s0,CEST 5k0
Europe/Sofia|:LMT 4bg,IMT 5ew,EET 5k0,CET 2s0;-dytrw0:CEST 5k0,CET 2s0;-cx0l40:EET 5k0,EEST 8c0
Europe/Stockholm|:LMT 3cc,SET 2se,CET 2s0,CEST 5k0
Europe/Tallinn|:LMT 4l0;-1ayy790:TMT 4l0,CET 2s0,CEST 5k0;-peghx0:EET 5k0,MSK 8c0;-ern4c0:CEST 5k0,CET 2s0,MSK 8c0,MSD b40;a1bbw0:EEST 8c0,EET 5k0
Europe/Tirane|:LMT 3o8,CET 2s0,CEST 5k0
Europe/Ulyanovsk|:LMT 8yo
Europe/Vaduz|:LMT 1rg,CET 2s0,CEST 5k0
Europe/Vienna|:LMT 30x,CET 2s0,CEST 5k0
Europe/Vilnius|:LMT 4os,WMT 3w0,KMT 4fc,CET 2s0,EET 5k0,MSK 8c0;-evwto0:CEST 5k0,CET 2s0,MSK 8c0,MSD b40;a1bbw0:EEST 8c0,EET 5k0;eqk2s0:CEST 5k0,CET 2s0;fkg040:EET 5k0,EEST 8c0
Europe/Volgograd|:LMT 884;9il6g0:MSD b40,MSK 8c0;b34fw0:;blufs0:MSD b40,MSK 8c0;liot80:MSK b40 8c0;pha580:MSK 8c0
Europe/Warsaw Poland|:LMT 3w0;-1ayy6k0:WMT 3w0,CET 2s0,CEST 5k0;-qrqd80:EET 5k0,EEST 8c0,CET 2s0;-feqak0:CEST 5k0,CET 2s0
Europe/Zagreb|:LMT 2yg,CET 2s0,CEST 5k0
Factory|:-00 0
HST|:HST -rs0
Indian/Antananarivo|:LMT 8ss,EAT 8c0,EAST b40
Indian/Chagos|:LMT des
Indian/Christmas|:LMT jks
Indian/Cocos|:LMT hy4
Indian/Comoro|:LMT 80g,EAT 8c0
Indian/Kerguelen|:-00 0
Indian/Mahe|:LMT a9o
Indian/Maldives|:LMT dm0;-1ayyga0:MMT dm0
Indian/Mauritius|:LMT anc
Indian/Mayotte|:LMT 8dk,EAT 8c0
Indian/Reunion|:LMT a9s
Kwajalein Pacific/Kwajalein|:LMT uzk
MET|:MET 2s0,MEST 5k0
MST|:MST -jg0
MST7MDT|:MST -jg0,MDT -go0;-ek1z00:MWT -go0;-cq2tg0:MPT -go0,MST -jg0;-1e8kc0:MDT -go0,MST -jg0
NZ-CHAT Pacific/Chatham|:LMT xz0
PST8PDT|:PST -m80,PDT -jg0;-ek1w80:PWT -jg0;-cq2tg0:PPT -jg0,PST -m80;-1e8hk0:PDT -jg0,PST -m80
Pacific/Apia|:LMT yv4 -vsw
Pacific/Bougainville|:LMT st4,PMMT r8w
Pacific/Chuuk|:LMT -12k4 s3w
Pacific/Efate|:LMT v64
Pacific/Enderbury Pacific/Kanton|:-00 0
Pacific/Fakaofo|:LMT -vpk
Pacific/Fiji|:LMT x4w
Pacific/Funafuti|:LMT x6s
Pacific/Galapagos|:LMT -glc
Pacific/Gambier|:LMT -ozo
Pacific/Guadalcanal Pacific/Ponape|:LMT tmc
Pacific/Guam|:LMT -13v0 qt0,GST rs0,GDT uk0;g5z2w0:ChST rs0
Pacific/Honolulu Pacific/Johnston US/Hawaii|:LMT -t8e,HST -t60,HDT -qe0;-ek1pa0:HWT -qe0;-cq2tg0:HPT -qe0,HST -t60 -rs0
Pacific/Kiritimati|:LMT -t4w
Pacific/Kosrae|:LMT -10hg u6k
Pacific/Majuro|:LMT vpc
Pacific/Marquesas|:LMT -pu0
Pacific/Midway|:LMT -wug;-6yfw80:SST -uk0
Pacific/Nauru|:LMT uws
Pacific/Niue|:LMT -vgs
Pacific/Norfolk|:LMT v3s
Pacific/Noumea|:LMT uto
Pacific/Pago_Pago Pacific/Samoa US/Samoa|:LMT z20 -vm0,SST -uk0
Pacific/Palau|:LMT -15rg owk
Pacific/Pitcairn|:LMT -o38
Pacific/Pohnpei|:LMT -11d8 tas
Pacific/Port_Moresby Pacific/Truk Pacific/Yap|:LMT r94,PMMT r8w
Pacific/Rarotonga|:LMT 112w -tl4
Pacific/Saipan|:LMT -13oc qzo,GST rs0,GDT uk0;g5z2w0:ChST rs0
Pacific/Tahiti|:LMT -rp4
Pacific/Tarawa|:LMT w1g
Pacific/Tongatapu|:LMT y80
Pacific/Wake|:LMT uus
Pacific/Wallis|:LMT y1k
WET|:WET 0,WEST 2s0
`;

/** Offset in seconds → abbreviation, from a moment on. */
interface Era {
  readonly fromSeconds: number;
  readonly names: ReadonlyMap<number, string>;
}

let lines: ReadonlyMap<string, string> | undefined;
const read = new Map<string, readonly Era[]>();

function linesByName(): ReadonlyMap<string, string> {
  const all = new Map<string, string>();
  for (const line of TABLE.trim().split('\n')) {
    const [names = '', eras = ''] = line.split('|');
    for (const name of names.split(' ')) all.set(name, eras);
  }
  return all;
}

/** Whether Go knows a zone of this name; case counts. */
export function isZoneName(name: string): boolean {
  lines ??= linesByName();
  return lines.has(name);
}

/** What `MST` in a layout prints. */
export function abbreviationOf(zone: string, unixSeconds: number, offsetSeconds: number): string {
  const era = erasOf(zone).findLast(({ fromSeconds }) => fromSeconds <= unixSeconds);
  return era?.names.get(offsetSeconds) ?? digitsOf(offsetSeconds);
}

/** The offsets that a zone called so, in seconds, those of earlier eras first. */
export function offsetsOfName(zone: string, name: string): number[] {
  const all = erasOf(zone).flatMap(({ names }) => [...names]);
  return [...new Set(all.filter(([, held]) => held === name).map(([offset]) => offset))];
}

function erasOf(zone: string): readonly Era[] {
  const hit = read.get(zone);
  if (hit !== undefined) return hit;
  lines ??= linesByName();
  const text = lines.get(zone);
  if (text === undefined) throw new ZoneError(`unknown time zone ${zone}`);
  const eras = text.split(';').map(readEra);
  read.set(zone, eras);
  return eras;
}

function readEra(text: string): Era {
  const [start = '', rest = ''] = text.split(':');
  const names = new Map<number, string>();
  for (const group of rest.split(',')) {
    const [name = '', ...offsets] = group.split(' ');
    for (const offset of offsets) names.set(Number.parseInt(offset, 36), name);
  }
  return { fromSeconds: start === '' ? -Infinity : Number.parseInt(start, 36), names };
}

function digitsOf(offsetSeconds: number): string {
  const minutes = Math.trunc(Math.abs(offsetSeconds) / 60);
  const hours = String(Math.floor(minutes / 60)).padStart(2, '0');
  const rest = minutes % 60 === 0 ? '' : String(minutes % 60).padStart(2, '0');
  return `${offsetSeconds < 0 ? '-' : '+'}${hours}${rest}`;
}
